//! A way to the database that can be cut, held up and slowed down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Bytes that are passed on at once.
const PIECE: usize = 16 * 1024;

/// Passes connections on to a server until it is told otherwise.
pub struct Proxy {
    address: SocketAddr,
    way: Arc<watch::Sender<Way>>,
}

/// What becomes of bytes on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    /// Each piece takes so much longer.
    Slow(Duration),
    /// Nothing passes for now; all of it arrives later.
    Stalled,
    /// Connections break, and new ones break at once.
    Cut,
    /// Nothing passes, and nobody is told.
    Silent,
}

impl Way {
    fn is_lost(&self) -> bool {
        matches!(self, Self::Cut | Self::Silent)
    }
}

impl Proxy {
    /// A proxy in front of this server.
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, way) = (listener.local_addr().unwrap(), Arc::new(watch::Sender::new(Way::Open)));
        tokio::spawn(accept(listener, server.to_owned(), Arc::clone(&way)));
        Self { address, way }
    }

    /// Its own host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Breaks every connection, and refuses new ones.
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// Lets nothing pass and says nothing, like a server that hangs. Connections do not survive it.
    pub fn silence(&self) {
        self.way.send_replace(Way::Silent);
    }

    /// Holds up what is on its way, like a network that comes back: what was sent meanwhile arrives after all.
    pub fn stall(&self) {
        self.way.send_replace(Way::Stalled);
    }

    /// Holds up each piece for so long.
    pub fn slow_down(&self, by: Duration) {
        self.way.send_replace(Way::Slow(by));
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn accept(listener: TcpListener, server: String, way: Arc<watch::Sender<Way>>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, server.clone(), way.subscribe()));
    }
}

async fn carry(client: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    let (mut from_client, mut to_client) = client.into_split();
    if !way.borrow().is_lost()
        && let Ok(server) = TcpStream::connect(server).await
    {
        let (mut from_server, mut to_server) = server.into_split();
        tokio::select! {
            () = pass(&mut from_client, &mut to_server, way.clone()) => return,
            () = pass(&mut from_server, &mut to_client, way.clone()) => return,
            _ = way.wait_for(Way::is_lost) => {}
        }
    }
    // Held open without a word until the way is open again; then the other side learns that it is gone.
    let _ = way.wait_for(|way| *way != Way::Silent).await;
}

/// Passes bytes on in one direction until either side is gone.
async fn pass(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut way: watch::Receiver<Way>) {
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let now = *way.borrow_and_update();
        if let Way::Slow(by) = now {
            tokio::time::sleep(by).await;
        }
        if way.wait_for(|way| *way != Way::Stalled).await.is_err() || to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
