//! A socket to a server, on its way from the address to two halves: one is read by one task, the other is written by whoever
//! has something to send.

use bytes::BytesMut;
use futures_util::future::select_ok;
use redis::ConnectionAddr;
use redis::aio::AsyncStream;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpStream, lookup_host, tcp};
#[cfg(unix)]
use tokio::net::{UnixStream, unix};

pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    /// `None` for an address that needs more than a socket.
    pub(super) async fn connect(address: &ConnectionAddr) -> io::Result<Option<Self>> {
        Ok(match address {
            ConnectionAddr::Tcp(host, port) => {
                let attempts: Vec<_> = lookup_host((host.as_str(), *port))
                    .await?
                    .map(|address| Box::pin(TcpStream::connect(address)))
                    .collect();
                if attempts.is_empty() {
                    return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
                }
                let (stream, _) = select_ok(attempts).await?;
                // What is sent is whole commands: the server is to have them at once.
                stream.set_nodelay(true)?;
                Some(Self::Tcp(stream))
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => Some(Self::Unix(UnixStream::connect(path).await?)),
            _ => None,
        })
    }

    pub(super) fn into_split(self) -> (Reads, Writes) {
        match self {
            Self::Tcp(stream) => {
                let (reads, writes) = stream.into_split();
                (Reads::Tcp(reads), Writes::Tcp(writes))
            }
            #[cfg(unix)]
            Self::Unix(stream) => {
                let (reads, writes) = stream.into_split();
                (Reads::Unix(reads), Writes::Unix(writes))
            }
        }
    }

    pub(super) fn stream(&mut self) -> Pin<&mut (dyn AsyncStream + Unpin)> {
        match self {
            Self::Tcp(stream) => Pin::new(stream),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream),
        }
    }
}

pub(super) enum Reads {
    Tcp(tcp::OwnedReadHalf),
    #[cfg(unix)]
    Unix(unix::OwnedReadHalf),
}

impl Reads {
    /// Puts behind what is there what has come, and says how much that is; nothing where the other side has ended the connection.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(half) => pin!(half.read_buf(into)).poll(cx),
            #[cfg(unix)]
            Self::Unix(half) => pin!(half.read_buf(into)).poll(cx),
        }
    }
}

pub(super) enum Writes {
    Tcp(tcp::OwnedWriteHalf),
    #[cfg(unix)]
    Unix(unix::OwnedWriteHalf),
}

impl Writes {
    /// How many bytes could be written at once.
    pub(super) fn at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self {
            Self::Tcp(half) => half.try_write(bytes),
            #[cfg(unix)]
            Self::Unix(half) => half.try_write(bytes),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            written => written,
        }
    }

    /// Waits until more can be written, or nothing can be any more.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(half) => half.as_ref().poll_write_ready(cx),
            #[cfg(unix)]
            Self::Unix(half) => half.as_ref().poll_write_ready(cx),
        }
    }
}
