//! The bytes of RESP2 (<https://redis.io/docs/latest/develop/reference/protocol-spec/>): answers as they come in, piece by
//! piece. What they answer is in `line`.

use crate::remote::transport::Reply;
use bytes::{Bytes, BytesMut};

/// How much room there is at first: for what comes to many look-ups that go together.
const CHUNK: usize = 256 << 10;
/// There is always so much of it.
const LEAST: usize = 64 << 10;
/// How much of what large answers took is kept: those to many look-ups are large.
const KEPT: usize = 1 << 20;
/// So deep may lists stand in lists.
const DEEPEST: usize = 32;
/// No line is longer: errors are lines, values are not.
const LONGEST_LINE: usize = 64 << 10;

/// What is no answer in RESP2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Garbled;

/// What has come and is not taken yet.
pub(super) struct Incoming {
    bytes: BytesMut,
    seen: Seen,
}

/// What was seen of the answer that begins: a piece that comes later is not a reason to look at it all again.
#[derive(Debug, Default)]
struct Seen {
    /// As far from its start.
    bytes: usize,
    /// How many more there are to come, those in lists included, less one.
    more: usize,
}

impl Incoming {
    pub(super) fn new() -> Self {
        Self { bytes: BytesMut::with_capacity(CHUNK), seen: Seen::default() }
    }

    /// Room for what comes next. What was given away is still there for whoever has it.
    pub(super) fn room(&mut self) -> &mut BytesMut {
        let bytes = &mut self.bytes;
        if bytes.is_empty() && bytes.capacity() > KEPT {
            *bytes = BytesMut::with_capacity(CHUNK);
        }
        // From the front, where that is nobody's any more.
        let is_whole = bytes.is_empty() && bytes.try_reclaim(CHUNK);
        if !is_whole && bytes.capacity() - bytes.len() < LEAST {
            // Of what is large much comes at a time.
            bytes.reserve(bytes.len().max(CHUNK));
        }
        bytes
    }

    /// The next answer, if it has come whole.
    pub(super) fn next(&mut self) -> Result<Option<Reply>, Garbled> {
        if !self.seen.whole(&self.bytes)? {
            return Ok(None);
        }
        let answer = self.bytes.split_to(self.seen.bytes).freeze();
        self.seen = Seen::default();
        let mut at = 0;
        read(&answer, &mut at, DEEPEST).map(Some)
    }
}

impl Seen {
    /// Looks on. Whether the answer has come whole, which then ends where it was seen.
    fn whole(&mut self, text: &[u8]) -> Result<bool, Garbled> {
        loop {
            let Some(Line { kind, line, behind }) = Line::first(&text[self.bytes..])? else {
                return Ok(false);
            };
            let header = text.len() - self.bytes - behind.len();
            let (mut length, mut inner) = (header, 0);
            match kind {
                b'$' => {
                    if let Some(value) = count(line)? {
                        length = value.checked_add(header + 2).ok_or(Garbled)?;
                        if behind.len() < value + 2 {
                            return Ok(false);
                        }
                    }
                }
                b'*' => inner = count(line)?.unwrap_or(0),
                b'+' | b'-' | b':' => {}
                _ => return Err(Garbled),
            }
            self.bytes += length;
            self.more = self.more.checked_add(inner).ok_or(Garbled)?;
            if self.more == 0 {
                return Ok(true);
            }
            self.more -= 1;
        }
    }
}

/// The answer that begins there, of some that have come whole; the next begins where it ends.
fn read(whole: &Bytes, at: &mut usize, depth: usize) -> Result<Reply, Garbled> {
    let Line { kind, line, behind } = Line::first(&whole[*at..])?.ok_or(Garbled)?;
    *at = whole.len() - behind.len();
    Ok(match kind {
        b'+' => Reply::Bytes(whole.slice_ref(line)),
        b'-' => Reply::Error(String::from_utf8_lossy(line).into_owned()),
        b':' => Reply::Int(number(line)?),
        b'$' => match count(line)? {
            Some(length) => {
                let (value, behind) = behind.split_at_checked(length).ok_or(Garbled)?;
                *at = whole.len() - behind.strip_prefix(b"\r\n").ok_or(Garbled)?.len();
                Reply::Bytes(whole.slice_ref(value))
            }
            None => Reply::Nil,
        },
        b'*' => match count(line)? {
            Some(length) => {
                let inner = depth.checked_sub(1).ok_or(Garbled)?;
                let one = |_| read(whole, at, inner);
                Reply::Array((0..length).map(one).collect::<Result<_, _>>()?)
            }
            None => Reply::Nil,
        },
        _ => return Err(Garbled),
    })
}

/// What an answer begins with.
struct Line<'t> {
    kind: u8,
    line: &'t [u8],
    /// What is behind it.
    behind: &'t [u8],
}

impl<'t> Line<'t> {
    /// The first, if it has come whole.
    fn first(text: &'t [u8]) -> Result<Option<Self>, Garbled> {
        let Some((kind, rest)) = text.split_first() else { return Ok(None) };
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return if rest.len() > LONGEST_LINE { Err(Garbled) } else { Ok(None) };
        };
        let line = rest[..end].strip_suffix(b"\r").ok_or(Garbled)?;
        Ok(Some(Self { kind: *kind, line, behind: &rest[end + 1..] }))
    }
}

/// How long a value or a list is; none, if it is none.
fn count(line: &[u8]) -> Result<Option<usize>, Garbled> {
    match number(line)? {
        -1 => Ok(None),
        length => usize::try_from(length).map(Some).map_err(|_| Garbled),
    }
}

fn number(line: &[u8]) -> Result<i64, Garbled> {
    std::str::from_utf8(line).ok().and_then(|digits| digits.parse().ok()).ok_or(Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: &[u8] =
        b"+OK\r\n-ERR no\r\n:-7\r\n$5\r\na\r\nb\n\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n\
                             *3\r\n*2\r\n$1\r\nx\r\n:1\r\n$-1\r\n+y\r\n:8\r\n";

    fn expected() -> Vec<Reply> {
        let bytes = |text: &'static str| Reply::Bytes(text.into());
        vec![
            bytes("OK"),
            Reply::Error("ERR no".into()),
            Reply::Int(-7),
            bytes("a\r\nb\n"),
            Reply::Nil,
            bytes(""),
            Reply::Nil,
            Reply::Array(vec![]),
            Reply::Array(vec![
                Reply::Array(vec![bytes("x"), Reply::Int(1)]),
                Reply::Nil,
                bytes("y"),
            ]),
            Reply::Int(8),
        ]
    }

    /// All answers of what comes in pieces of such a length.
    fn answers(text: &[u8], piece: usize) -> Result<Vec<Reply>, Garbled> {
        let (mut incoming, mut all) = (Incoming::new(), Vec::new());
        for piece in text.chunks(piece) {
            incoming.room().extend_from_slice(piece);
            while let Some(reply) = incoming.next()? {
                all.push(reply);
            }
        }
        assert!(incoming.bytes.is_empty(), "nothing is left");
        Ok(all)
    }

    #[test]
    fn answers_are_read_however_they_are_cut() {
        for piece in 1..=ANSWERS.len() {
            assert_eq!(answers(ANSWERS, piece).unwrap(), expected(), "{piece} at a time");
        }
    }

    #[test]
    fn an_answer_may_be_longer_than_what_is_read_at_a_time() {
        let value = vec![b'v'; 5 * CHUNK];
        let mut text = format!("*2\r\n${}\r\n", value.len()).into_bytes();
        text.extend_from_slice(&value);
        text.extend_from_slice(b"\r\n:1\r\n+short\r\n");
        let list = Reply::Array(vec![Reply::Bytes(value.into()), Reply::Int(1)]);
        let expected = vec![list, Reply::Bytes("short".into())];
        for piece in [1_000, CHUNK, CHUNK + 1, 3 * CHUNK, text.len()] {
            assert_eq!(answers(&text, piece).unwrap(), expected, "{piece} at a time");
        }
    }

    #[test]
    fn what_one_large_answer_took_is_given_back() {
        let mut incoming = Incoming::new();
        incoming.room().extend_from_slice(format!("${}\r\n", 2 * KEPT).as_bytes());
        while incoming.bytes.len() < 2 * KEPT {
            incoming.room().extend_from_slice(&[b'v'; CHUNK]);
            assert_eq!(incoming.next(), Ok(None));
        }
        incoming.bytes.clear();
        assert!(incoming.room().capacity() <= CHUNK);
    }

    #[test]
    fn room_is_used_again_once_nobody_has_what_was_in_it() {
        let mut incoming = Incoming::new();
        let mut place = |kept: &mut Vec<Reply>| {
            let room = incoming.room();
            room.extend_from_slice(b"$3\r\nabc\r\n");
            let place = room.as_ptr();
            kept.push(incoming.next().unwrap().expect("it has come whole"));
            place
        };
        let first = place(&mut Vec::new());
        assert_eq!(place(&mut Vec::new()), first);
        let mut kept = Vec::new();
        for _ in 0..3 * CHUNK / 9 {
            let _ = place(&mut kept);
        }
        assert!(kept.iter().all(|reply| *reply == Reply::Bytes("abc".into())));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let deep = "*1\r\n".repeat(DEEPEST + 1) + ":1\r\n";
        let long = "-".repeat(LONGEST_LINE + 2);
        for text in [
            "HTTP/1.1 400 Bad Request\r\n",
            "%1\r\n+a\r\n+b\r\n",
            ":1\n",
            ":one\r\n",
            "$-2\r\n",
            "$2\r\nabc\r\n",
            "$99999999999999999999\r\n",
            "$18446744073709551615\r\n",
            "*9223372036854775807\r\n*9223372036854775807\r\n*9223372036854775807\r\n",
            &deep,
            &long,
        ] {
            assert_eq!(answers(text.as_bytes(), text.len()), Err(Garbled), "{text}");
        }
    }
}
