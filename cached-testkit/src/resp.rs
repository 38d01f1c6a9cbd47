//! A tiny blocking Redis client: one command, one reply, and the next. No pipelining, no pool.
//!
//! Tests look at the server through it, past the client that they test.
//! Protocol: <https://redis.io/docs/latest/develop/reference/protocol-spec/> (RESP2).

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A reply of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// No such key, or no such element.
    Nil,
    /// A number.
    Integer(i64),
    /// A status such as `OK`.
    Status(String),
    /// A value, byte for byte.
    Bytes(Vec<u8>),
    /// Several replies.
    Array(Vec<Value>),
}

/// As `redis-cli` shows it to a program: text as it is, one element a line, and `(nil)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("(nil)"),
            Self::Integer(number) => number.fmt(f),
            Self::Status(text) => f.write_str(text),
            Self::Bytes(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Self::Array(values) => {
                for (position, value) in values.iter().enumerate() {
                    if position > 0 {
                        f.write_str("\n")?;
                    }
                    value.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

/// Why a command got no reply, or an error for a reply.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommandError {
    /// The server is down, paused (no reply within 10 seconds) or speaks something else.
    Io(io::Error),
    /// Redis refused the command; its words.
    Refused(String),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "no reply from Redis (is it killed or paused?): {error}"),
            Self::Refused(message) => write!(f, "Redis refused the command: {message}"),
        }
    }
}

impl std::error::Error for CommandError {}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Sends one command over a connection of its own.
pub(crate) fn command<A: AsRef<[u8]>>(
    port: u16,
    patience: Duration,
    arguments: &[A],
) -> Result<Value, CommandError> {
    Connection::open(port, patience)?.call(arguments)
}

/// A connection for several commands, one after the other.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(port: u16, patience: Duration) -> io::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub(crate) fn call<A: AsRef<[u8]>>(&mut self, arguments: &[A]) -> Result<Value, CommandError> {
        self.stream.get_mut().write_all(&encode(arguments))?;
        read_value(&mut self.stream)
    }
}

fn encode<A: AsRef<[u8]>>(arguments: &[A]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", arguments.len()).into_bytes();
    for argument in arguments {
        let argument = argument.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
        bytes.extend_from_slice(argument);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn read_value(reader: &mut impl BufRead) -> Result<Value, CommandError> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    let line = line.trim_end_matches(['\r', '\n']);
    let Some((kind, rest)) = line.split_at_checked(1) else { return Err(garbage(line)) };
    let number = || rest.parse::<i64>().map_err(|_| garbage(line));
    match kind {
        "+" => Ok(Value::Status(rest.to_owned())),
        "-" => Err(CommandError::Refused(rest.to_owned())),
        ":" => Ok(Value::Integer(number()?)),
        "$" => match usize::try_from(number()?) {
            Err(_) => Ok(Value::Nil),
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                reader.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Ok(Value::Bytes(bytes))
            }
        },
        "*" => match usize::try_from(number()?) {
            Err(_) => Ok(Value::Nil),
            Ok(length) => {
                (0..length).map(|_| read_value(reader)).collect::<Result<_, _>>().map(Value::Array)
            }
        },
        _ => Err(garbage(line)),
    }
}

fn garbage(line: &str) -> CommandError {
    io::Error::new(io::ErrorKind::InvalidData, format!("not a Redis reply: `{line}`")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Value, CommandError> {
        read_value(&mut &bytes[..])
    }

    #[test]
    fn replies_of_every_kind() {
        assert_eq!(parse(b"+OK\r\n").unwrap(), Value::Status("OK".into()));
        assert_eq!(parse(b":-7\r\n").unwrap(), Value::Integer(-7));
        assert_eq!(parse(b"$-1\r\n").unwrap(), Value::Nil);
        assert_eq!(parse(b"$4\r\na\r\nb\r\n").unwrap(), Value::Bytes(b"a\r\nb".to_vec()));
        let nested = parse(b"*2\r\n:1\r\n*1\r\n$-1\r\n").unwrap();
        assert_eq!(nested, Value::Array(vec![Value::Integer(1), Value::Array(vec![Value::Nil])]));
        assert_eq!(nested.to_string(), "1\n(nil)");
    }

    #[test]
    fn a_refusal_and_garbage_are_errors() {
        assert!(matches!(parse(b"-ERR no\r\n"), Err(CommandError::Refused(m)) if m == "ERR no"));
        assert!(matches!(parse(b"HTTP/1.1 200\r\n"), Err(CommandError::Io(_))));
        assert!(matches!(parse(b""), Err(CommandError::Io(_))));
    }

    #[test]
    fn a_command_is_an_array_of_bulk_strings() {
        assert_eq!(encode(&["GET", "é"]), "*2\r\n$3\r\nGET\r\n$2\r\né\r\n".as_bytes());
    }
}
