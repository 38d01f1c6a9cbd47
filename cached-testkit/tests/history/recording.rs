//! The recorder: in memory, to files, and what a kill leaves of them.

use std::io::Write;

use cached_testkit::history::{
    Action, Checker, History, Incident, Outcome, Recorder, Rule, Source, Target, now,
};

/// One operation of each kind.
fn record(recorder: &Recorder) {
    let read = recorder.for_task(3).read("a");
    recorder.load("a", &["t"]).tagged("u").loaded(Some(1));
    read.returned(Some(1), Source::Load);
    let committed = recorder.write("a", 2).committed();
    recorder.put("a", 2).done();
    recorder.invalidate(vec![Target::key("a"), Target::All]).since(committed).queued();
    recorder.incident(Incident::Flushed).over();
    recorder.load("a", &[]).failed();
    recorder.read("a").failed();
    drop(recorder.invalidate(vec![Target::pattern("*")]));
    recorder.quiesce();
}

#[test]
fn memory_and_file_tell_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Recorder::in_memory();
    let file = Recorder::to_file(folder.path().join("a.jsonl")).unwrap();
    record(&memory);
    record(&file);
    let tell = |history: History| -> Vec<_> {
        let mut operations = history.operations().to_vec();
        operations.sort_by_key(|operation| operation.id);
        operations.into_iter().map(|o| (o.task, o.outcome, o.action)).collect()
    };
    let told = tell(memory.finish().unwrap());
    assert_eq!(told, tell(file.finish().unwrap()));
    assert_eq!(told.len(), 10);
    let tags = vec!["t".to_owned(), "u".to_owned()];
    assert!(told.contains(&(
        0,
        Outcome::Ok,
        Action::Load { key: "a".into(), version: Some(1), tags }
    )));
    let read = Action::Read { key: "a".into(), version: Some(1), source: Source::Load };
    assert!(told.contains(&(3, Outcome::Ok, read)));
    let everything = Action::Invalidate { targets: vec![Target::pattern("*")] };
    assert!(told.contains(&(0, Outcome::Cancelled, everything)));
}

#[test]
fn times_are_of_one_clock_and_in_order() {
    let before = now();
    let recorder = Recorder::in_memory();
    recorder.read("a").returned(None, Source::Local);
    let committed = recorder.write("a", 1).committed();
    recorder.invalidate(vec![Target::All]).since(committed).completed();
    let history = recorder.finish().unwrap();
    let after = now();
    let mut moments = vec![before];
    for operation in history.operations() {
        moments.extend([operation.started, operation.ended.unwrap()]);
    }
    moments.push(after);
    assert!(moments.is_sorted(), "{moments:?}");
    assert_eq!(history.operations()[2].started, committed);
}

#[test]
fn what_never_ends_is_recorded_when_the_run_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    for recorder in [Recorder::in_memory(), Recorder::to_file(&path).unwrap()] {
        let read = recorder.read("a");
        let report = Checker::new().check(&recorder.finish().unwrap());
        assert_eq!(report.count(Rule::NoHang), 1, "{report}");
        drop(read);
        Checker::new().check(&recorder.finish().unwrap()).assert_clean();
    }
}

#[test]
fn a_panic_is_told_from_a_cancellation() {
    let recorder = Recorder::in_memory();
    let other = recorder.clone();
    let panicked = std::thread::spawn(move || {
        let _load = other.load("a", &[]);
        panic!("on purpose");
    });
    panicked.join().unwrap_err();
    drop(recorder.load("a", &[]));
    let outcomes: Vec<_> =
        recorder.finish().unwrap().operations().iter().map(|o| o.outcome).collect();
    assert_eq!(outcomes, [Outcome::Panicked, Outcome::Cancelled]);
}

#[test]
fn a_kill_leaves_what_was_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let recorder = Recorder::to_file(&path).unwrap();
    recorder.write("a", 1).committed();
    let (invalidation, read) = (recorder.invalidate(vec![Target::All]), recorder.read("a"));
    // As far as the file goes, the process dies here, in the middle of a line.
    let copy = folder.path().join("b.jsonl");
    std::fs::copy(&path, &copy).unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&copy).unwrap();
    file.write_all(b"{\"process\":1,\"id\":").unwrap();

    let outcomes: Vec<_> =
        History::read([&copy]).unwrap().operations().iter().map(|o| o.outcome).collect();
    assert_eq!(outcomes, [Outcome::Ok, Outcome::Running]);
    drop((invalidation, read));
}

#[test]
fn files_of_several_processes_are_merged_and_errors_name_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|name| folder.path().join(name));
    for path in &paths {
        record(&Recorder::to_file(path).unwrap());
    }
    assert_eq!(History::read(&paths).unwrap().operations().len(), 20);

    std::fs::write(&paths[1], "{}\n").unwrap();
    let error = History::read(&paths).unwrap_err().to_string();
    assert!(error.contains("b line 1: missing field"), "{error}");
}
