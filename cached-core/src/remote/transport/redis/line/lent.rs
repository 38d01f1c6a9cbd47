//! A new socket is lent to redis-rs, which greets the server over it: user and password, the database, the client's name. Then
//! it is given back.

use super::socket::Socket;
use redis::aio::{AsyncStream, MultiplexedConnection};
use redis::{AsyncConnectionConfig, RedisConnectionInfo, RedisResult};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

/// Gives the socket back when it is dropped.
struct Lent {
    socket: Option<Socket>,
    back: Option<oneshot::Sender<Socket>>,
}

/// The socket, behind the greetings.
pub(super) async fn greeted(
    socket: Socket,
    settings: &RedisConnectionInfo,
    config: &AsyncConnectionConfig,
) -> RedisResult<Socket> {
    let (back, returned) = oneshot::channel();
    let lent = Lent { socket: Some(socket), back: Some(back) };
    let greeting = MultiplexedConnection::new_with_config(settings, lent, config.clone());
    // Both ends of the connection that was made of it, which nobody has used.
    drop(greeting.await?);
    let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the socket was not given back");
    Ok(returned.await.map_err(gone)?)
}

impl Lent {
    fn stream(self: Pin<&mut Self>) -> io::Result<Pin<&mut (dyn AsyncStream + Unpin)>> {
        let socket = self.get_mut().socket.as_mut();
        socket.map(Socket::stream).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(socket), Some(back)) = (self.socket.take(), self.back.take()) {
            // Who gave up waiting for it wants it closed.
            let _ = back.send(socket);
        }
    }
}

impl AsyncRead for Lent {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, into)
    }
}

impl AsyncWrite for Lent {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}
