//! Commands, answers and errors, between ours and redis-rs'.

use crate::remote::transport::{Command, Fault, Reply};
use bytes::Bytes;
use redis::{Cmd, RedisError, Value};

pub(super) fn cmd(command: &Command) -> Cmd {
    let args = command.args();
    let mut cmd = Cmd::with_capacity(args.len(), command.size());
    for arg in args {
        cmd.arg(arg);
    }
    cmd
}

pub(super) fn reply(value: Value) -> Reply {
    match value {
        Value::Nil => Reply::Nil,
        Value::Int(number) => Reply::Int(number),
        Value::BulkString(bytes) => Reply::Bytes(bytes.into()),
        Value::SimpleString(text) => Reply::Bytes(text.into()),
        // `INFO` and `CLUSTER NODES` over RESP3.
        Value::VerbatimString { text, .. } => Reply::Bytes(text.into()),
        Value::Okay => Reply::Bytes(Bytes::from_static(b"OK")),
        Value::Array(values) | Value::Set(values) => {
            Reply::Array(values.into_iter().map(reply).collect())
        }
        // RESP3 maps read like RESP2's flat arrays, so that one reader serves both.
        Value::Map(pairs) => Reply::Array(
            pairs.into_iter().flat_map(|(key, value)| [reply(key), reply(value)]).collect(),
        ),
        // As on the wire: the code, then the text.
        Value::ServerError(error) => {
            Reply::Error(format!("{} {}", error.code(), error.details().unwrap_or_default()))
        }
        other => {
            Reply::Error(format!("unexpected kind of answer: {other:?}").chars().take(80).collect())
        }
    }
}

pub(super) fn fault(error: RedisError) -> Fault {
    if error.is_timeout() {
        Fault::Timeout
    } else if error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal()
    {
        Fault::Io(error.to_string())
    } else {
        Fault::Refused(error.to_string())
    }
}

/// What the server said, if it was the server that refused, and not the way there.
#[cfg(feature = "redis-cluster")]
pub(super) fn refusal(error: &RedisError) -> Option<String> {
    let code = error.code()?;
    Some(format!("{code} {}", error.detail().unwrap_or_default()))
}
