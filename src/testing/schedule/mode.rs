//! `Mode`: how a seed becomes a schedule.

/// How a seed becomes a schedule.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// Three seeds of four are [`Uniform`](Self::Uniform), one is [`Pct`](Self::Pct), of depth 2 and
    /// 3 by turns.
    #[default]
    Mixed,
    /// Any session that can run is as likely as any other to go on; five of eight steps are stopped
    /// after at most three tokio operations.
    Uniform,
    /// Probabilistic concurrency testing: each task has a priority, the highest that can run does,
    /// and `depth - 1` times a running one falls below all others. It finds what needs a few events
    /// in a certain order, however long the runs are. (Burckhardt et al., ASPLOS 2010.)
    Pct {
        /// How many events have to come in a certain order: 2 or 3 for nearly all leaks.
        depth: u32,
    },
}

impl Mode {
    /// What it is for one seed.
    pub(crate) fn of_seed(self, seed: u64) -> Self {
        match self {
            Self::Mixed if seed % 4 != 3 => Self::Uniform,
            Self::Mixed => Self::Pct { depth: 2 + (seed / 4 % 2) as u32 },
            other => other,
        }
    }
}
