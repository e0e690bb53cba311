//! What happens to nodes: they are killed, frozen and cut off from the database, and come back.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::cluster::{Cluster, Node};
use crate::dice::Dice;

/// How often each kind of trouble happened.
pub type Troubles = Mutex<BTreeMap<&'static str, u32>>;

#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGKILL while bytes to the database are still on their way; they arrive after its death.
    KillWithBytesUnderWay,
    /// SIGSTOP, and SIGCONT after a while.
    Pause,
    /// The database falls silent; what was sent meanwhile arrives late.
    Stall,
    /// Every connection to the database breaks.
    Cut,
    /// Nothing arrives, and the connections turn out to be gone.
    Silence,
    /// Every piece takes longer.
    Slow,
}

/// What may happen to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Everything.
    All,
    /// It hears late of what the others do.
    Stalls,
    /// Nothing.
    None,
}

const ALL: &[(Trouble, &str)] = &[
    (Trouble::Kill, "killed"),
    (Trouble::KillWithBytesUnderWay, "killed with bytes under way"),
    (Trouble::Pause, "paused"),
    (Trouble::Stall, "stalled"),
    (Trouble::Cut, "cut off"),
    (Trouble::Silence, "silenced"),
    (Trouble::Slow, "slowed down"),
];

/// Troubles a node at random until it is over, and leaves it running and connected.
pub async fn plague(
    cluster: &Cluster,
    (node, kinds): (&Node, Kinds),
    mut dice: Dice,
    over: &AtomicBool,
    troubles: &Troubles,
) {
    loop {
        tokio::time::sleep(millis(&mut dice, 200, 2_500)).await;
        if over.load(Ordering::Relaxed) {
            return;
        }
        let (trouble, name) = match kinds {
            Kinds::All => *dice.one(ALL),
            Kinds::Stalls => (Trouble::Stall, "stalled"),
            Kinds::None => continue,
        };
        *troubles.lock().unwrap().entry(name).or_default() += 1;
        trouble.happen(cluster, node, &mut dice).await;
    }
}

impl Trouble {
    async fn happen(self, cluster: &Cluster, node: &Node, dice: &mut Dice) {
        // Mostly short; longer than the deadlines now and then.
        let a_while = if dice.chance(25) { millis(dice, 1_000, 4_000) } else { millis(dice, 100, 500) };
        match self {
            Self::Kill => node.kill(),
            Self::KillWithBytesUnderWay => {
                node.proxy.stall();
                tokio::time::sleep(millis(dice, 20, 200)).await;
                node.kill();
            }
            Self::Pause => {
                let process = node.process().expect("only this task kills it");
                process.pause();
                tokio::time::sleep(a_while).await;
                process.resume();
            }
            Self::Stall => node.proxy.stall(),
            Self::Cut => node.proxy.cut(),
            Self::Silence => node.proxy.silence(),
            Self::Slow => node.proxy.slow_down(millis(dice, 2, 100)),
        }
        match self {
            Self::Stall | Self::Cut | Self::Silence | Self::Slow => tokio::time::sleep(a_while).await,
            Self::Kill | Self::KillWithBytesUnderWay | Self::Pause => {}
        }
        node.proxy.mend();
        if node.caller().is_none() {
            cluster.run(node).await;
        }
    }
}

fn millis(dice: &mut Dice, from: u64, to: usize) -> Duration {
    Duration::from_millis(from + dice.below(to) as u64)
}
