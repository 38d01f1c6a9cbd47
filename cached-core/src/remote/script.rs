//! The Lua scripts of the protocol: each names one key, so that it runs on a cluster and over REST. One that is sent
//! again, because its answer was lost, answers as it did before.

use super::transport::Command;

/// Stores an entry in place of our lease. `ARGV`: lease, entry, lifetime in ms.
pub(super) const FILL: &str = "local v=redis.call('GET',KEYS[1]) if v==ARGV[1] then \
     redis.call('SET',KEYS[1],ARGV[2],'PX',ARGV[3]) return 1 end \
     if v==ARGV[2] then return 1 end return 0";

/// Removes our lease. `ARGV`: lease.
pub(super) const RELEASE: &str =
    "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

/// Puts a lease, or a newer entry, in place of given bytes. `ARGV`: their start (64 bytes at most), their length, what
/// replaces them, its life in ms.
pub(super) const REPLACE: &str = "if redis.call('STRLEN',KEYS[1])==tonumber(ARGV[2]) and \
     string.sub(redis.call('GETRANGE',KEYS[1],0,63),1,#ARGV[1])==ARGV[1] then \
     redis.call('SET',KEYS[1],ARGV[3],'PX',ARGV[4]) return 1 end \
     if redis.call('GETRANGE',KEYS[1],0,#ARGV[3]-1)==ARGV[3] then return 1 end return 0";

/// `SET NX GET PX` for servers that refuse the pair. `ARGV`: value, lifetime in ms.
pub(super) const SET_IF_ABSENT: &str = "local v=redis.call('GET',KEYS[1]) if v then return v end \
     redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2]) return false";

/// Begins a stream with its first message, unless there is one. `ARGV`: the message.
pub(super) const BEGIN: &str = "local s=redis.pcall('XINFO','STREAM',KEYS[1]) \
     if type(s)=='table' and not s.err then return false end \
     return redis.call('XADD',KEYS[1],'*','m',ARGV[1])";

/// A call of a script on one key. Redis caches a script by its text's digest, so it is compiled once.
pub(super) fn call(script: &str, key: &str) -> Command {
    Command::new("EVAL").arg(script).num(1).arg(key)
}
