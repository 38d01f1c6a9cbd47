//! Commands and answers as JSON: a pipeline is an array of arrays of text, its answers are `{"result": ..}` or
//! `{"error": ".."}`, each text in base64 (`Upstash-Encoding: base64`) but for a plain `OK`.
//! Source: <https://upstash.com/docs/redis/features/restapi>.

use crate::remote::transport::{Command, Fault, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// The body of a request.
///
/// # Errors
/// JSON holds text alone: an argument that is not UTF-8 cannot be sent.
pub(super) fn body(commands: &[Command]) -> Result<Vec<u8>, Fault> {
    let pipeline: Option<Vec<Vec<&str>>> = commands.iter().map(texts).collect();
    let pipeline = pipeline.ok_or_else(|| {
        Fault::Refused("an argument is not UTF-8, and the REST API takes nothing else".into())
    })?;
    serde_json::to_vec(&pipeline).map_err(|error| Fault::Refused(error.to_string()))
}

fn texts(command: &Command) -> Option<Vec<&str>> {
    command.args().map(|arg| std::str::from_utf8(arg).ok()).collect()
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Value,
    error: Option<String>,
}

/// Reads the answers to a pipeline. What the server says of errors is redacted.
pub(super) fn replies(body: &[u8], redact: impl Fn(&str) -> String) -> Result<Vec<Reply>, Fault> {
    let answers: Vec<Answer> = match serde_json::from_slice(body) {
        Ok(answers) => answers,
        Err(_) => {
            let refused = |why: String| Fault::Refused(redact(&why));
            return Err(refusal(body).map_or_else(not_understood, refused));
        }
    };
    let reply = |answer: Answer| match answer.error {
        Some(error) => Ok(Reply::Error(redact(&error))),
        None => reply(answer.result),
    };
    answers.into_iter().map(reply).collect()
}

/// What `{"error": ".."}` says of the whole request.
pub(super) fn refusal(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Answer>(body).ok()?.error
}

fn reply(value: Value) -> Result<Reply, Fault> {
    Ok(match value {
        Value::Null => Reply::Nil,
        Value::Bool(yes) => Reply::Int(yes.into()),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Reply::Int(number),
            None => Reply::Bytes(number.to_string().into()),
        },
        // The one text that is not encoded: as base64 it would be no text at all.
        Value::String(text) if text == "OK" => Reply::Bytes(text.into()),
        Value::String(text) => {
            Reply::Bytes(STANDARD.decode(text).map_err(|_| not_understood())?.into())
        }
        Value::Array(values) => {
            Reply::Array(values.into_iter().map(reply).collect::<Result<_, _>>()?)
        }
        Value::Object(_) => return Err(not_understood()),
    })
}

fn not_understood() -> Fault {
    Fault::Io("an answer that is not of Upstash' REST API, or not in base64".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(body: &[u8]) -> Result<Vec<Reply>, Fault> {
        super::replies(body, str::to_owned)
    }

    #[test]
    fn commands_are_arrays_of_text() {
        let commands =
            [Command::new("SET").arg("k").arg("é\"\n").arg("PX").num(5), Command::new("PING")];
        let body = body(&commands).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), r#"[["SET","k","é\"\n","PX","5"],["PING"]]"#);
        let bytes = Command::new("SET").arg("k").arg(b"\xff");
        assert!(matches!(super::body(&[bytes]), Err(Fault::Refused(_))));
    }

    #[test]
    fn answers_of_every_kind() {
        let body =
            br#"[{"result":"OK"},{"result":null},{"result":7},{"result":"T0s="},{"result":"/wA="},
            {"result":["MA==",["YQ==",null,-1]]},{"error":"ERR syntax error"},{"result":1.5}]"#;
        let bytes = |bytes: &[u8]| Reply::Bytes(bytes.to_vec().into());
        let nested = Reply::Array(vec![bytes(b"a"), Reply::Nil, Reply::Int(-1)]);
        let expected = [
            bytes(b"OK"),
            Reply::Nil,
            Reply::Int(7),
            bytes(b"OK"),
            bytes(b"\xff\0"),
            Reply::Array(vec![bytes(b"0"), nested]),
            Reply::Error("ERR syntax error".into()),
            bytes(b"1.5"),
        ];
        assert_eq!(replies(body).unwrap(), expected);
    }

    #[test]
    fn what_is_not_understood_is_a_fault() {
        let refused = replies(br#"{"error":"Unauthorized"}"#);
        assert_eq!(refused, Err(Fault::Refused("Unauthorized".into())));
        for body in
            [&b""[..], b"<html>", b"[1]", br#"[{"result":"not base64"}]"#, br#"[{"result":{}}]"#]
        {
            assert!(matches!(replies(body), Err(Fault::Io(_))), "{body:?}");
        }
    }
}
