//! What a pipeline of commands is answered: asks Redis, and writes its replies as JSON. No HTTP here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use std::time::Duration;

use crate::resp::{CommandError, Connection, Value};

const PATIENCE: Duration = Duration::from_secs(10);

/// Runs commands in their order, and answers texts in base64 or as they are. The error is Redis' absence.
pub(super) fn run(
    redis_port: u16,
    commands: &[Vec<String>],
    base64: bool,
) -> std::io::Result<Vec<Json>> {
    let mut redis = Connection::open(redis_port, PATIENCE)?;
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        let answer = match refusal(command) {
            Some(why) => Err(CommandError::Refused(why.into())),
            None => redis.call(command),
        };
        answers.push(match answer {
            Ok(value) => json!({ "result": encode(value, base64) }),
            Err(CommandError::Refused(why)) => json!({ "error": why }),
            Err(CommandError::Io(error)) => return Err(error),
        });
    }
    Ok(answers)
}

/// Reads one command: text, and numbers and truths as text.
pub(super) fn command(json: &Json) -> Option<Vec<String>> {
    let text = |part: &Json| match part {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let command: Option<Vec<String>> = json.as_array()?.iter().map(text).collect();
    command.filter(|command| !command.is_empty())
}

/// What Redis would run and the API does not.
fn refusal(command: &[String]) -> Option<&'static str> {
    let (name, options) = command.split_first()?;
    let has = |name: &str| options.iter().any(|option| option.eq_ignore_ascii_case(name));
    let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    (is("SUBSCRIBE") || is("MONITOR") || (is("XREAD") && has("BLOCK")))
        .then_some("ERR Command is not available over REST: it blocks")
}

fn encode(value: Value, base64: bool) -> Json {
    let text = |bytes: &[u8]| match base64 {
        true => Json::from(STANDARD.encode(bytes)),
        // What is not UTF-8 is lost without base64.
        false => Json::from(String::from_utf8_lossy(bytes)),
    };
    match value {
        Value::Nil => Json::Null,
        Value::Integer(number) => Json::from(number),
        Value::Status(status) if status == "OK" => Json::from(status),
        Value::Status(status) => text(status.as_bytes()),
        Value::Bytes(bytes) => text(&bytes),
        Value::Array(values) => values.into_iter().map(|value| encode(value, base64)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_but_for_a_plain_ok() {
        let value = Value::Array(vec![
            Value::Status("OK".into()),
            Value::Status("PONG".into()),
            Value::Bytes(b"OK".to_vec()),
            Value::Bytes(vec![0xFF]),
            Value::Nil,
            Value::Integer(-3),
        ]);
        assert_eq!(
            encode(value.clone(), true),
            json!(["OK", "UE9ORw==", "T0s=", "/w==", null, -3])
        );
        assert_eq!(encode(value, false), json!(["OK", "PONG", "OK", "\u{FFFD}", null, -3]));
    }

    #[test]
    fn a_command_is_an_array_of_scalars() {
        assert_eq!(command(&json!(["SET", "k", 1, true])).unwrap(), ["SET", "k", "1", "true"]);
        for wrong in [json!([]), json!("PING"), json!(["SET", "k", null]), json!(["SET", ["k"]])] {
            assert_eq!(command(&wrong), None, "{wrong}");
        }
    }
}
