//! The memory transport: a server in this process.

use crate::deployment::Server;
use cached_core::CacheBuilder;
use cached_core::remote::transport::{Command, Memory, Reply, Transport};
use cached_testkit::Value;
use std::future::Future;
use std::pin::Pin;

pub fn start() -> Result<Box<dyn Server>, String> {
    Ok(Box::new(Memory::new()))
}

impl Server for Memory {
    fn connect(&self, builder: CacheBuilder) -> CacheBuilder {
        builder.transport(self.clone())
    }

    fn command<'a>(
        &'a self,
        arguments: &'a [&'a [u8]],
    ) -> Pin<Box<dyn Future<Output = Value> + Send + 'a>> {
        let name = std::str::from_utf8(arguments[0]).unwrap();
        let command =
            arguments[1..].iter().fold(Command::new(name), |command, arg| command.arg(arg));
        Box::pin(async move { value(self.pipeline(vec![command]).await.unwrap().remove(0)) })
    }

    fn leave(&self) {
        self.set_away(true);
    }

    fn come_back(&self) {
        self.set_away(false);
    }
}

fn value(reply: Reply) -> Value {
    match reply {
        Reply::Nil => Value::Nil,
        Reply::Int(number) => Value::Integer(number),
        Reply::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Reply::Array(replies) => Value::Array(replies.into_iter().map(value).collect()),
        other => panic!("the memory transport refused: {other:?}"),
    }
}
