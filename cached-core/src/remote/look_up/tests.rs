//! What is sent for look-ups that go together, and who is told what.

use super::*;
use crate::codec::Form;
use crate::remote::transport::Resends;
use std::cell::RefCell;

fn taking() -> Taking {
    Taking::new(Form::Bytes, 500, Resends::Never)
}

fn look_up(entry: &str, generations: &[&str]) -> LookUp {
    LookUp {
        entry: entry.into(),
        is_there: false,
        generations: generations.iter().map(|&it| it.into()).collect(),
    }
}

/// Look-ups of the keys `0`, `1` and so on, each with its number.
fn keys(count: usize) -> Vec<(LookUp, usize)> {
    (0..count).map(|number| (look_up(&number.to_string(), &[]), number)).collect()
}

fn bytes(text: &str) -> Reply {
    Reply::bytes(text.to_owned())
}

fn texts(command: &Command) -> Vec<String> {
    command.args().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect()
}

/// Who is told what, and who is left.
fn tell(
    round: Round<usize>,
    taking: &Taking,
    replies: Vec<Reply>,
) -> (Vec<(usize, Seen)>, Option<Round<usize>>) {
    let told = RefCell::new(Vec::new());
    let left =
        round.tell(replies.into_iter(), taking, |who, seen| told.borrow_mut().push((who, seen)));
    (told.into_inner(), left)
}

/// The lease that look-ups which go together put.
fn lease_of(round: &Round<usize>) -> Vec<u8> {
    match &round.asking {
        Asking::Together { lease, .. } => lease.clone(),
        Asking::Apart(_) => panic!("each on its own"),
    }
}

fn argument(command: &Command, at: usize) -> Vec<u8> {
    command.args().nth(at).unwrap().to_vec()
}

fn is_lease(seen: &Seen) -> bool {
    matches!(seen.entry, Standing::Lease(_))
}

fn shows(seen: &Seen, reply: &Reply) -> bool {
    matches!(&seen.entry, Standing::Other(Some(other)) if other == reply)
}

#[test]
fn few_are_asked_each_on_its_own() {
    let taking = taking();
    let mut look_ups = keys(FEW);
    look_ups[1].0.generations = vec!["t".into(), "seq".into()];
    look_ups[3].0.generations = vec!["u".into(), "t".into()];
    let round = Round::new(look_ups, &taking);
    let commands = round.commands(&taking);
    let names: Vec<String> = commands.iter().map(|command| texts(command)[1].clone()).collect();
    assert_eq!(names, ["0", "1", "2", "3", "t", "seq", "u"], "each generation once");
    let fresh = argument(&commands[4], 2);
    let entries = [bytes("a"), Reply::Nil, bytes("b"), Reply::Int(1)];
    let replies = [&entries[..], &[Reply::Nil, bytes("g"), bytes("h")]].concat();
    let (told, left) = tell(round, &taking, replies);
    assert!(left.is_none());
    assert!(
        shows(&told[0].1, &bytes("a")) && is_lease(&told[1].1) && shows(&told[3].1, &Reply::Int(1))
    );
    let fresh = Reply::bytes(fresh);
    assert_eq!(told[1].1.generations, [fresh.clone(), bytes("g")], "ours where none was");
    assert_eq!(told[3].1.generations, [bytes("h"), fresh]);
}

#[test]
fn many_are_two_commands_with_each_generation_once() {
    let taking = taking();
    let mut look_ups = keys(5);
    for (at, names) in [(1, ["t", "u"]), (3, ["u", "v"])] {
        look_ups[at].0.generations = names.map(String::from).to_vec();
    }
    let round = Round::new(look_ups, &taking);
    let commands = round.commands(&taking);
    let lease = lease_of(&round);
    let names = ["0", "1", "2", "3", "4", "t", "u", "v"];
    let [take, read] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(texts(read)[1..], names);
    assert_eq!(texts(take)[2], "8");
    assert_eq!(texts(take)[3..11], names);
    assert_eq!(texts(take)[11], "5");
    assert_eq!(argument(take, 12), lease);
    assert_eq!(texts(take)[13], "500");
    let found = ["a", "b", "", "d", "e", "1", "2", "3"].map(bytes);
    let mut found = found.to_vec();
    found[2] = Reply::bytes(lease);
    let (told, left) = tell(round, &taking, vec![Reply::Int(1), Reply::Array(found)]);
    assert!(left.is_none());
    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(is_lease(&told[2].1) && shows(&told[4].1, &bytes("e")));
    assert_eq!(told[1].1.generations, [bytes("1"), bytes("2")]);
    assert_eq!(told[3].1.generations, [bytes("2"), bytes("3")]);
}

/// Look-ups of the keys `0`, `1` and so on; of those that this holds for it is known that they are there.
fn known(count: usize, is_there: impl Fn(usize) -> bool) -> Vec<(LookUp, usize)> {
    let known = |(one, who)| (LookUp { is_there: is_there(who), ..one }, who);
    keys(count).into_iter().map(known).collect()
}

#[test]
fn what_was_there_lately_is_read_and_no_lease_is_put() {
    let taking = taking();
    let commands = |look_ups| {
        let commands = Round::new(look_ups, &taking).commands(&taking);
        commands.iter().map(|it| texts(it)[0].clone()).collect::<Vec<_>>()
    };
    assert_eq!(commands(known(1, |_| true)), ["GET"]);
    assert_eq!(commands(known(2, |_| true)), ["MGET"]);
    assert_eq!(commands(known(2, |who| who == 1)), ["SET", "GET"]);
    let round = Round::new(known(6, |who| who % 3 > 0), &taking);
    let [take, read] = &round.commands(&taking)[..] else { panic!("of two it is not known") };
    assert_eq!(texts(take)[2..6], ["2", "0", "3", "2"]);
    assert_eq!(texts(read)[1..], ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn who_is_mistaken_about_what_is_there_asks_as_if_nothing_were_known() {
    let taking = taking();
    for (count, asked) in [(1, "GET"), (3, "MGET"), (6, "MGET")] {
        let mut look_ups = known(count, |_| true);
        look_ups[0].0.generations = vec!["t".into()];
        let round = Round::new(look_ups, &taking);
        assert_eq!(texts(&round.commands(&taking)[0])[0], asked);
        let mut found = vec![bytes("a"); count];
        found[count - 1] = Reply::Nil;
        found.push(bytes("g"));
        let replies = if asked == "GET" { found } else { vec![Reply::Array(found)] };
        let (told, left) = tell(round, &taking, replies);
        assert_eq!(told.len(), count - 1);
        assert!(told.iter().all(|(_, seen)| shows(seen, &bytes("a"))));
        let left = left.expect("one was mistaken");
        let take = &left.commands(&taking)[0];
        assert_eq!(texts(take)[..2], ["SET".to_owned(), (count - 1).to_string()]);
        let (told, left) = tell(left, &taking, vec![Reply::Nil, bytes("g")]);
        assert!(left.is_none() && told[0].0 == count - 1 && is_lease(&told[0].1));
    }
}

#[test]
fn a_lease_is_given_to_one_of_those_who_ask_for_the_same_name() {
    let taking = taking();
    let look_ups = (0..6).map(|who| (look_up("same", &[]), who)).collect();
    let round = Round::new(look_ups, &taking);
    let lease = Reply::bytes(lease_of(&round));
    let mut found = vec![lease.clone(); 6];
    found[5] = Reply::Nil;
    let (told, left) = tell(round, &taking, vec![Reply::Int(1), Reply::Array(found)]);
    assert!(is_lease(&told[0].1));
    assert!(told[1..].iter().all(|(_, seen)| shows(seen, &lease)), "the others wait for it");
    // Whoever has it may still fill: if it ended meanwhile, it must not come back.
    let left = left.unwrap();
    assert_ne!(Reply::bytes(argument(&left.commands(&taking)[0], 2)), lease);
    let (told, _) = tell(left, &taking, vec![lease.clone()]);
    assert!(told[0].0 == 5 && shows(&told[0].1, &lease));
}

#[test]
fn what_is_gone_between_the_commands_is_asked_for_again_with_the_lease_that_stands() {
    let taking = taking();
    let mut look_ups = keys(6);
    look_ups[4].0.generations = vec!["t".into()];
    let round = Round::new(look_ups, &taking);
    let lease = lease_of(&round);
    let mut found = ["a", "b", "c", "d", "", "f", ""].map(bytes).to_vec();
    (found[1], found[4], found[6]) = (Reply::Nil, Reply::bytes(lease.clone()), Reply::Nil);
    let (told, left) = tell(round, &taking, vec![Reply::Int(1), Reply::Array(found)]);
    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [0, 2, 3, 5]);
    let left = left.unwrap();
    let commands = left.commands(&taking);
    assert_eq!(commands.iter().map(|it| texts(it)[1].clone()).collect::<Vec<_>>(), ["1", "4", "t"]);
    assert_eq!(argument(&commands[1], 2), lease);
    let replies = vec![bytes("b"), Reply::bytes(lease), Reply::Nil];
    let (told, left) = tell(left, &taking, replies);
    assert!(left.is_none() && shows(&told[0].1, &bytes("b")));
    assert!(is_lease(&told[1].1), "it was put by the first commands");
}

#[test]
fn those_who_are_left_of_one_name_have_one_lease_between_them() {
    let taking = taking();
    let round = Round::new((0..5).map(|who| (look_up("same", &[]), who)).collect(), &taking);
    let lease = lease_of(&round);
    let gone = Reply::Array(vec![Reply::Nil; 5]);
    let (told, left) = tell(round, &taking, vec![Reply::Int(1), gone]);
    assert!(told.is_empty());
    let left = left.unwrap();
    let leases: Vec<_> = left.commands(&taking).iter().map(|it| argument(it, 2)).collect();
    assert_eq!(leases[0], lease, "it may stand, and nobody has it");
    assert_eq!(leases.iter().collect::<HashSet<_>>().len(), 5);
    let (told, _) = tell(left, &taking, vec![Reply::bytes(lease); 5]);
    assert_eq!(told.iter().map(|(_, seen)| is_lease(seen)).filter(|it| *it).count(), 1);
}

/// What was read of a generation may have ended before the next command runs: put again, it would make what was loaded under
/// it count as new.
#[test]
fn no_generation_is_put_twice() {
    let taking = taking();
    let tagged = |count: usize| -> Vec<_> {
        (0..count).map(|who| (look_up(&who.to_string(), &["t", "seq"]), who)).collect()
    };
    let mut put = Vec::new();
    let apart = |round: &Round<usize>, put: &mut Vec<Vec<u8>>| {
        let commands = round.commands(&taking);
        let sets = commands.iter().filter(|it| ["t", "seq"].contains(&&*texts(it)[1]));
        put.extend(sets.inspect(|it| assert!(it.is_once())).map(|it| argument(it, 2)));
    };
    apart(&Round::new(tagged(FEW), &taking), &mut put);
    let round = Round::new(tagged(5), &taking);
    let take = round.commands(&taking).swap_remove(0);
    assert!(take.is_once());
    put.push(argument(&take, take.args().len() - 2));
    let gone = Reply::Array(vec![Reply::Nil; 7]);
    let (_, left) = tell(round, &taking, vec![Reply::Int(1), gone]);
    apart(&left.unwrap(), &mut put);
    assert_eq!(put.len(), 2 + 1 + 2);
    assert_eq!(put.iter().collect::<HashSet<_>>().len(), put.len());
}

#[test]
fn where_a_command_may_run_late_the_server_makes_leases_and_generations() {
    let taking = Taking::new(Form::Text, 500, Resends::Late);
    let round = Round::new(vec![(look_up("k", &["t"]), 0)], &taking);
    let commands = round.commands(&taking);
    assert_eq!(texts(&commands[0])[..4], ["EVAL", script::LEASE, "1", "k"]);
    assert_eq!(texts(&commands[1])[..4], ["EVAL", script::GENERATE, "1", "t"]);
    let stands = [&texts(&commands[0])[4], "01234567", &texts(&commands[0])[5]].concat();
    let (told, _) = tell(round, &taking, vec![bytes(&stands), bytes("made")]);
    assert!(matches!(&told[0].1.entry, Standing::Lease(lease) if *lease == stands.as_bytes()));
    assert_eq!(told[0].1.generations, [bytes("made")]);
}

#[test]
fn behind_rest_and_where_a_command_may_run_twice_each_is_asked_for_on_its_own() {
    for (form, resends) in [(Form::Text, Resends::Never), (Form::Bytes, Resends::InOrder)] {
        let taking = Taking::new(form, 500, resends);
        assert_eq!(Round::new(keys(100), &taking).commands(&taking).len(), 100);
    }
}

#[test]
fn a_refusal_is_remembered_where_it_is_no_passing_one() {
    for (refusal, remembered) in [
        ("READONLY You can't write against a read only replica.", false),
        ("OOM command not allowed", false),
        ("ERR Error running script: Script killed by user with SCRIPT KILL", false),
        ("ERR Error compiling script (new function): user_script:1: unexpected symbol", true),
        ("NOPERM this user has no permissions to run the 'mget' command", true),
    ] {
        let taking = taking();
        let refused = Reply::Error(refusal.into());
        let (told, left) = tell(Round::new(keys(5), &taking), &taking, vec![refused, Reply::Nil]);
        assert!(told.is_empty(), "{refusal}: what was read meanwhile may be a replica's");
        assert_eq!(left.unwrap().commands(&taking).len(), 5);
        let next = Round::new(keys(5), &taking).commands(&taking).len();
        assert_eq!(next, if remembered { 5 } else { 2 }, "{refusal}");
    }
}
