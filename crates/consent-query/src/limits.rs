//! Every maximum of what is kept while questions are answered.

#[cfg(feature = "server")]
use std::time::Duration;

#[cfg(feature = "server")]
use chrono::TimeDelta;

/// How many changes of the verdict are looked at before waiting is called useless.
pub(crate) const LOOK_AHEAD: usize = 16;
/// Combinations of state laws whose names are kept put together; there are as many as there are places with quiet
/// hours of their own, and in a list some hundred.
pub(crate) const LAWS_KEPT: usize = 1024;
/// The seconds since 1970 between which the clocks of a zone are kept, of which most questions are: 1970 to 2100. What is
/// outside is worked out each time.
pub(crate) const CLOCKS_KNOWN: (i64, i64) = (0, 4_102_444_800);
/// How long a list or a batch is worked on before others have their turn.
#[cfg(feature = "server")]
pub(crate) const TURN: Duration = Duration::from_micros(150);
/// How much more of a worker single questions get than a list, while there are any.
#[cfg(feature = "server")]
pub(crate) const TURN_SHARE: u32 = 4;
/// For how long the answer to somebody is used for others who are like them, unless it ends sooner by itself. What was
/// recorded meanwhile counts all the same: it makes people be like others.
#[cfg(feature = "server")]
pub(crate) const SAME_TIME: TimeDelta = TimeDelta::milliseconds(250);
/// Answers that are kept for them.
#[cfg(feature = "server")]
pub(crate) const ANSWERS_KEPT: usize = 1 << 14;
/// Bytes of what makes two questions get one answer; what says more is answered by itself.
#[cfg(feature = "server")]
pub(crate) const SORT: usize = 192;
/// What a piece of long work is held to take at most, so that a slow caller does not make the work rest for ever.
#[cfg(feature = "server")]
pub(crate) const PIECE: Duration = Duration::from_millis(50);
/// What each question answered meanwhile adds to the rest behind a piece of long work, until that is long enough: who
/// asks now and then must not bring the work to a stand.
#[cfg(feature = "server")]
pub(crate) const QUESTION: Duration = Duration::from_micros(250);
