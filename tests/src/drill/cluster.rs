//! Several nodes of one ledger, each a process of its own with its own way to the database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use consent_api::{auth, server};
use consent_core::checkpoint::Verifier;

use crate::caller::Caller;
use crate::carrier::Carrier;
use crate::checker::Export;
use crate::database::{Database, Kind};
use crate::place::{self, Place, Setup};
use crate::process::Process;
use crate::proxy::Proxy;
use crate::seen::Seen;

/// How long a node may take to come up again, with trouble all around it.
const RESTART: Duration = Duration::from_secs(60);

/// A node: where it lives, how it reaches the database, and the process while there is one.
pub struct Node {
    place: Place,
    /// Its way to the database.
    pub proxy: Proxy,
    config: PathBuf,
    running: Mutex<Option<(Arc<Process>, Caller)>>,
}

/// The nodes, and the database itself.
pub struct Cluster {
    /// The nodes.
    pub nodes: Vec<Arc<Node>>,
    program: PathBuf,
    setup: Setup,
    database: Database,
    key: String,
    seen: Arc<Seen>,
    slowest: Mutex<Duration>,
}

impl Node {
    /// A caller who may do everything; nothing while the node is down.
    pub fn caller(&self) -> Option<Caller> {
        self.running.lock().unwrap().as_ref().map(|(_, caller)| caller.clone())
    }

    /// The process; nothing while the node is down.
    pub fn process(&self) -> Option<Arc<Process>> {
        self.running.lock().unwrap().as_ref().map(|(process, _)| Arc::clone(process))
    }

    /// Ends it with SIGKILL, once nobody else holds the process.
    pub fn kill(&self) {
        drop(self.running.lock().unwrap().take());
    }

    /// Messages that wait in its spool.
    pub fn waiting(&self) -> usize {
        let files = std::fs::read_dir(self.place.spool()).into_iter().flatten();
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "rec")).count()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.place.path().join("log")).unwrap_or_default()
    }
}

impl Cluster {
    /// So many nodes of a new ledger in PostgreSQL, all running.
    pub async fn start(program: &Path, nodes: usize, setup: Setup) -> Self {
        let first = Place::create(Kind::Postgres).await;
        let ledger = server::prepare(&first.config(&setup)).await.unwrap();
        let (key, hash, text) = auth::make_key("drill", &["admin".to_owned()], None).unwrap();
        ledger.add_api_key(&key, hash).await.unwrap();
        let database = first.database.clone();
        let mut places: Vec<Place> = (1..nodes).map(|_| Place::beside(&first)).collect();
        places.insert(0, first);
        let (program, key) = (program.to_owned(), text);
        let (nodes, seen, slowest) = Default::default();
        let mut cluster = Self { nodes, program, setup, database, key, seen, slowest };
        for mut place in places {
            let proxy = Proxy::before(cluster.database.host()).await;
            place.database = cluster.database.at(&proxy.host());
            let config = place.write(&cluster.setup);
            cluster.nodes.push(Arc::new(Node { place, proxy, config, running: Mutex::default() }));
        }
        for node in &cluster.nodes {
            cluster.run(node).await;
        }
        cluster
    }

    /// Starts a node that is down, again and again until it is up.
    pub async fn run(&self, node: &Node) {
        let began = Instant::now();
        loop {
            let (program, config, log) = (self.program.clone(), node.config.clone(), node.place.path().join("log"));
            let starting = tokio::task::spawn_blocking(move || Process::try_start(&program, &config, &log));
            if let Some(process) = starting.await.unwrap() {
                let caller = Caller::new(&process.base, &self.seen).with_key(&self.key);
                *node.running.lock().unwrap() = Some((Arc::new(process), caller));
                let mut slowest = self.slowest.lock().unwrap();
                *slowest = began.elapsed().max(*slowest);
                return;
            }
            assert!(began.elapsed() < RESTART, "it does not start: {}", node.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// How long the slowest start took.
    pub fn slowest_start(&self) -> Duration {
        *self.slowest.lock().unwrap()
    }

    /// The carrier whose messages every node believes.
    pub fn carrier(&self) -> &Carrier {
        &self.nodes[0].place.carrier
    }

    /// Checks every byte of the ledger, past the nodes; returns the key under which its checkpoints are signed.
    pub async fn verify(&self) -> Verifier {
        let ledger = server::open_ledger(&self.nodes[0].place.config(&self.setup)).await.unwrap();
        let key = ledger.vault().keys().signing().verifying_key();
        let verifier = Verifier { name: place::ORIGIN.to_owned(), key };
        assert_eq!(ledger.verify(&verifier).await.unwrap().entries, ledger.head().await.unwrap().size);
        verifier
    }

    /// The whole ledger as a node exports it, verified.
    pub async fn export(&self, node: &Node, verifier: &Verifier) -> Export {
        let caller = node.caller().expect("the node runs");
        let answer = caller.get("/v1/export").await.expect(200);
        Export::read(answer.text(), Some(verifier)).unwrap()
    }

    /// Ends everything; every answer that was seen must be declared.
    pub async fn end(self) {
        assert_eq!(self.seen.undeclared(&crate::seen::document()), Vec::<String>::new());
        self.nodes.iter().for_each(|node| node.kill());
        self.database.remove().await;
    }
}
