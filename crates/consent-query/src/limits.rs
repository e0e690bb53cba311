//! Every maximum of what is kept while questions are answered.

/// How many changes of the verdict are looked at before waiting is called useless.
pub(crate) const LOOK_AHEAD: usize = 16;
/// Combinations of state laws whose names are kept put together; there are as many as there are places with quiet
/// hours of their own, and in a list some hundred.
pub(crate) const LAWS_KEPT: usize = 1024;
/// The seconds since 1970 between which the clocks of a zone are kept, of which most questions are: 1970 to 2100. What is
/// outside is worked out each time.
pub(crate) const CLOCKS_KNOWN: (i64, i64) = (0, 4_102_444_800);
