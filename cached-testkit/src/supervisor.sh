# Runs one server for a test process and outlives that process just long enough to clean up after it.
#
#   sh -c THIS supervisor PARENT_FOLDER LAST_SIGNAL
#
# Orders come on stdin: a word, the number of arguments, one argument a line. Only the test process
# holds the other end of that pipe, so its end, whatever the cause, is an end of file here.
# It runs in a process group of its own; what is sent to the whole session is ignored as well.
trap '' HUP INT QUIT TERM PIPE
dir=$(mktemp -d "$1/cached-testkit.XXXXXX") || exit 1
last=$2
pid=
printf '%s\n' "$dir"

finish() {
    [ -n "$pid" ] || return 0
    kill "-$1" "$pid"
    kill -CONT "$pid"
    wait "$pid"
    pid=
}

while IFS= read -r order && IFS= read -r count; do
    set --
    while [ "$#" -lt "$count" ]; do
        IFS= read -r argument || break 2
        set -- "$@" "$argument"
    done
    case $order in
    run)
        "$@" </dev/null >>"$dir/log" 2>&1
        echo "$?"
        ;;
    start)
        finish KILL
        "$@" </dev/null >>"$dir/log" 2>&1 &
        pid=$!
        echo "$pid"
        ;;
    finish)
        finish "$1"
        echo 0
        ;;
    signal)
        kill "-$1" "$pid"
        echo "$?"
        ;;
    esac
done 2>/dev/null

finish "$last" 2>/dev/null
# The server's own children may still be writing while they notice that it is gone.
tries=0
until rm -rf "$dir" 2>/dev/null || [ "$tries" -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
