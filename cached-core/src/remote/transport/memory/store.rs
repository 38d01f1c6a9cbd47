//! Keys and values, and the commands on them. Answers and refusals are worded as Redis words them.

use super::stream::{Stream, position};
use crate::codec::Form;
use crate::key::glob_matches;
use crate::remote::script;
use crate::remote::transport::Reply;
use std::collections::BTreeMap;
use tokio::time::{Duration, Instant};

#[derive(Default)]
pub(super) struct Store {
    values: BTreeMap<Vec<u8>, (Value, Option<Instant>)>,
}

enum Value {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
    Stream(Stream),
    /// Members and when they end: what the script makes of a sorted set.
    Marks(BTreeMap<Vec<u8>, Instant>),
}

/// A refusal is the text of an error reply.
type Answer = Result<Reply, String>;

impl Store {
    pub(super) fn run(&mut self, args: &[Vec<u8>]) -> Answer {
        let now = Instant::now();
        self.values.retain(|_, (_, end)| end.is_none_or(|end| end > now));
        let Some((name, rest)) = args.split_first() else { return Err("ERR no command".into()) };
        match (&name[..], rest) {
            (b"GET", [key]) => Ok(self.text(key)?.map_or(Reply::Nil, Reply::bytes)),
            (b"SET", [key, value, options @ ..]) => self.set(key, value, options),
            (b"DEL" | b"UNLINK", keys) => {
                let gone = keys.iter().filter(|key| self.values.remove(*key).is_some()).count();
                Ok(Reply::Int(gone as i64))
            }
            (b"EXISTS", [key]) => Ok(Reply::Int(i64::from(self.values.contains_key(key)))),
            (b"ZREM", [key, mark]) => self.lower(key, mark),
            (b"RPUSH", [key, values @ ..]) => self.push(key, values),
            (b"SCAN", [_, options @ ..]) => self.scan(options),
            (b"MGET", keys) => {
                let read = |key: &Vec<u8>| self.text(key).ok().flatten();
                let found = keys.iter().map(|key| read(key).map_or(Reply::Nil, Reply::bytes));
                Ok(Reply::Array(found.collect()))
            }
            (b"EVAL", [text, count, rest @ ..]) if text == script::TAKE.as_bytes() => {
                self.take(number(count).ok_or_else(syntax)? as usize, rest)
            }
            (b"EVAL", [text, _, key, argv @ ..]) => self.eval(text, key, argv),
            (b"XADD", [key, options @ ..]) => self.add(key, options),
            (b"XINFO", [_, key]) => match self.values.get(key) {
                None => Err("ERR no such key".into()),
                Some((Value::Stream(stream), _)) => Ok(stream.info()),
                Some(_) => Err(wrong_type()),
            },
            (b"XREAD", options) => self.read(options),
            _ => Err(format!("ERR unknown command '{}'", String::from_utf8_lossy(name))),
        }
    }

    fn text(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        match self.values.get(key) {
            None => Ok(None),
            Some((Value::Text(bytes), _)) => Ok(Some(bytes.clone())),
            Some(_) => Err(wrong_type()),
        }
    }

    fn raise(&mut self, key: &[u8], mark: &[u8], millis: u64, put: bool) -> Answer {
        let (now, empty) = (Instant::now(), || (Value::Marks(BTreeMap::new()), None));
        let (value, end) = self.values.entry(key.to_vec()).or_insert_with(empty);
        let Value::Marks(marks) = value else { return Err(wrong_type()) };
        marks.retain(|_, until| *until > now);
        let stood = marks.contains_key(mark);
        if stood || put {
            marks.insert(mark.to_vec(), now + Duration::from_millis(millis));
        }
        *end = marks.values().max().copied();
        Ok(Reply::Int(i64::from(stood)))
    }

    fn lower(&mut self, key: &[u8], mark: &[u8]) -> Answer {
        let Some((value, _)) = self.values.get_mut(key) else { return Ok(Reply::Int(0)) };
        let Value::Marks(marks) = value else { return Err(wrong_type()) };
        let stood = marks.remove(mark).is_some();
        if marks.is_empty() {
            self.values.remove(key);
        }
        Ok(Reply::Int(i64::from(stood)))
    }

    fn put(&mut self, key: &[u8], value: &[u8], millis: Option<u64>) {
        let end = millis.map(|millis| Instant::now() + Duration::from_millis(millis));
        self.values.insert(key.to_vec(), (Value::Text(value.to_vec()), end));
    }

    /// `[NX] [GET] [PX ms]`.
    fn set(&mut self, key: &[u8], value: &[u8], options: &[Vec<u8>]) -> Answer {
        let (mut if_absent, mut get, mut millis) = (false, false, None);
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match &option[..] {
                b"NX" => if_absent = true,
                b"GET" => get = true,
                b"PX" => {
                    millis = Some(options.next().and_then(|text| number(text)).ok_or_else(syntax)?)
                }
                _ => return Err(syntax()),
            }
        }
        let old = if get { self.text(key)? } else { None };
        let put = !if_absent || !self.values.contains_key(key);
        if put {
            self.put(key, value, millis);
        }
        Ok(match (get, old) {
            (true, old) => old.map_or(Reply::Nil, Reply::bytes),
            (false, _) if put => Reply::bytes("OK"),
            (false, _) => Reply::Nil,
        })
    }

    fn push(&mut self, key: &[u8], values: &[Vec<u8>]) -> Answer {
        let empty = || (Value::List(Vec::new()), None);
        match self.values.entry(key.to_vec()).or_insert_with(empty) {
            (Value::List(list), _) => {
                list.extend_from_slice(values);
                Ok(Reply::Int(list.len() as i64))
            }
            _ => Err(wrong_type()),
        }
    }

    /// `MATCH glob COUNT n`, everything in one page.
    fn scan(&self, options: &[Vec<u8>]) -> Answer {
        let [_, glob, ..] = options else { return Err(syntax()) };
        let keys = self.values.keys().filter(|key| glob_matches(glob, key));
        let keys = keys.cloned().map(Reply::bytes).collect();
        Ok(Reply::Array(vec![Reply::bytes("0"), Reply::Array(keys)]))
    }

    /// The script that sets what is absent of many.
    fn take(&mut self, count: usize, rest: &[Vec<u8>]) -> Answer {
        let (keys, argv) = rest.split_at_checked(count).ok_or_else(syntax)?;
        let [entries, lease, lease_ms, fresh, fresh_ms] = argv else { return Err(syntax()) };
        let entries = number(entries).ok_or_else(syntax)? as usize;
        for (at, key) in keys.iter().enumerate() {
            let (value, millis) = if at < entries { (lease, lease_ms) } else { (fresh, fresh_ms) };
            if !self.values.contains_key(key) {
                self.put(key, value, number(millis));
            }
        }
        Ok(Reply::Int(1))
    }

    /// The protocol's scripts, told by their text.
    fn eval(&mut self, text: &[u8], key: &[u8], argv: &[Vec<u8>]) -> Answer {
        if (text, argv.len()) == (script::BEGIN.as_bytes(), 1) {
            if self.values.contains_key(key) {
                return Ok(Reply::Nil);
            }
            return self.add(key, &[b"*".to_vec(), b"m".to_vec(), argv[0].clone()]);
        }
        match (std::str::from_utf8(text).unwrap_or_default(), argv) {
            (script::RAISE, [mark, millis, put]) => {
                return self.raise(key, mark, number(millis).ok_or_else(syntax)?, put == b"1");
            }
            // A record that nobody can read: writers wait as long as it would hold.
            (script::HEARD, _) => return Ok(Reply::Int(1)),
            (script::LISTENERS, _) => return Ok(Reply::Nil),
            _ => {}
        }
        let found = self.text(key)?;
        let lifetime = |at: usize| argv.get(at).and_then(|text| number(text)).ok_or_else(syntax);
        match (std::str::from_utf8(text).unwrap_or_default(), argv) {
            (script::FILL, [lease, entry, _]) if found.as_ref() == Some(lease) => {
                self.put(key, entry, Some(lifetime(2)?));
                Ok(Reply::Int(1))
            }
            (script::FILL, [_, entry, _]) => {
                Ok(Reply::Int(i64::from(found.as_ref() == Some(entry))))
            }
            (script::RELEASE, [lease]) if found.as_ref() == Some(lease) => {
                self.values.remove(key);
                Ok(Reply::Int(1))
            }
            (script::REPLACE, [head, length, lease, _]) => {
                let Some(found) = found else { return Ok(Reply::Int(0)) };
                let there = is_there(&found, head, length);
                if there {
                    self.put(key, lease, Some(lifetime(3)?));
                }
                Ok(Reply::Int(i64::from(there || found.starts_with(lease))))
            }
            (script::REMOVE, [head, length]) => {
                let there = found.is_some_and(|found| is_there(&found, head, length));
                if there {
                    self.values.remove(key);
                }
                Ok(Reply::Int(i64::from(there)))
            }
            (script::SET_IF_ABSENT, [value, _]) => match found {
                Some(found) => Ok(Reply::bytes(found)),
                None => {
                    self.put(key, value, Some(lifetime(1)?));
                    Ok(Reply::Nil)
                }
            },
            (script::RELEASE, _) => Ok(Reply::Int(0)),
            _ => Err("ERR the memory transport knows the protocol's own scripts only".into()),
        }
    }

    /// `[NOMKSTREAM] [MAXLEN ~ n] * field value`.
    fn add(&mut self, key: &[u8], options: &[Vec<u8>]) -> Answer {
        let at = options.iter().position(|option| option == b"*").ok_or_else(syntax)?;
        let (options, fields) = (&options[..at], &options[at + 1..]);
        let most = options.last().and_then(|text| number(text)).map(|most| most as usize);
        if options.iter().any(|option| option == b"NOMKSTREAM") && !self.values.contains_key(key) {
            return Ok(Reply::Nil);
        }
        let empty = || (Value::Stream(Stream::default()), None);
        match self.values.entry(key.to_vec()).or_insert_with(empty) {
            (Value::Stream(stream), _) => Ok(stream.add(fields, most)),
            _ => Err(wrong_type()),
        }
    }

    /// `COUNT n [BLOCK ms] STREAMS key id`.
    fn read(&self, options: &[Vec<u8>]) -> Answer {
        let [.., word, key, after] = options else { return Err(syntax()) };
        let count = options.get(1).and_then(|text| number(text));
        let (b"STREAMS", Some(count), Some(after)) = (&word[..], count, position(after)) else {
            return Err(syntax());
        };
        let stream = match self.values.get(key) {
            None => return Ok(Reply::Nil),
            Some((Value::Stream(stream), _)) => stream,
            Some(_) => return Err(wrong_type()),
        };
        let messages = stream.read(after, count as usize);
        Ok(messages.map_or(Reply::Nil, |messages| {
            Reply::Array(vec![Reply::Array(vec![Reply::bytes(key.clone()), messages])])
        }))
    }
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Whether bytes begin like this, as either form is named, and are so long.
fn is_there(found: &[u8], head: &[u8], length: &[u8]) -> bool {
    let is_named = |form: Form| form.start_of(found).0 == head;
    number(length) == Some(found.len() as u64) && (is_named(Form::Bytes) || is_named(Form::Text))
}

fn syntax() -> String {
    "ERR syntax error".into()
}

fn wrong_type() -> String {
    "WRONGTYPE Operation against a key holding the wrong kind of value".into()
}
