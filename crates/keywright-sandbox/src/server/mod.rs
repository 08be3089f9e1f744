//! A listener on loopback whose connections a handler can cut without an answer.

pub(crate) mod middleware;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::error::SandboxError;

/// Cuts the connection a request came on: nothing more is written to it.
#[derive(Clone, Default)]
pub(crate) struct ConnectionCutter(Arc<AtomicBool>);

impl ConnectionCutter {
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A TCP connection that can be cut.
pub(crate) struct Cuttable {
    stream: TcpStream,
    scissors: ConnectionCutter,
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.scissors.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Listens on 127.0.0.1 and nowhere else.
pub(crate) struct Loopback(TcpListener);

impl Loopback {
    pub(crate) async fn bind(port: u16) -> Result<Self, SandboxError> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map(Self)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => SandboxError::PortTaken { port },
                _ => SandboxError::Listen { port, source },
            })
    }

    pub(crate) fn port(&self) -> Result<u16, SandboxError> {
        self.0
            .local_addr()
            .map(|addr| addr.port())
            .map_err(|source| SandboxError::Listen { port: 0, source })
    }
}

impl Listener for Loopback {
    type Io = Cuttable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // axum's own listener waits out errors such as too many open files.
        let (stream, addr) = Listener::accept(&mut self.0).await;
        let scissors = ConnectionCutter::default();
        (Cuttable { stream, scissors }, addr)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Loopback>> for ConnectionCutter {
    fn connect_info(stream: IncomingStream<'_, Loopback>) -> Self {
        stream.io().scissors.clone()
    }
}
