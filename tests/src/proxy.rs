//! A way to the database that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes connections on to a server until it is told otherwise.
pub struct Proxy {
    address: SocketAddr,
    way: Arc<watch::Sender<Way>>,
}

/// What becomes of bytes on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    /// Connections break, and new ones break at once.
    Cut,
    /// Nothing passes, and nobody is told.
    Silent,
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

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn accept(listener: TcpListener, server: String, way: Arc<watch::Sender<Way>>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, server.clone(), way.subscribe()));
    }
}

async fn carry(mut client: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    if *way.borrow() == Way::Open
        && let Ok(mut server) = TcpStream::connect(server).await
    {
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = way.wait_for(|way| *way != Way::Open) => {}
        }
    }
    // Held open without a word until the way is open again; then the other side learns that it is gone.
    let _ = way.wait_for(|way| *way != Way::Silent).await;
}
