//! Which rules a store keeps.

use super::fault::StoreFault;
use super::harness::StoreHarness;
use super::rule::store_rules;

/// Checks all rules, one after the other, also after one is broken.
pub async fn check_store(harness: &dyn StoreHarness) -> StoreReport {
    let mut report = StoreReport { kept: Vec::new(), faults: Vec::new() };
    for rule in store_rules() {
        match rule.check(harness).await {
            Ok(()) => report.kept.push(rule.name()),
            Err(fault) => report.faults.push(fault),
        }
    }
    report
}

/// Which rules a store keeps, and how it breaks the others.
#[derive(Debug)]
#[must_use = "the report says whether the store keeps the rules"]
pub struct StoreReport {
    kept: Vec<&'static str>,
    faults: Vec<StoreFault>,
}

impl StoreReport {
    /// The names of the rules that it keeps.
    #[must_use]
    pub fn kept(&self) -> &[&'static str] {
        &self.kept
    }

    /// How it breaks others.
    #[must_use]
    pub fn faults(&self) -> &[StoreFault] {
        &self.faults
    }

    /// Passes if all are kept.
    ///
    /// # Panics
    /// With each fault, if there is one.
    #[track_caller]
    pub fn assert_kept(&self) {
        let faults: Vec<_> = self.faults.iter().map(|fault| format!("\n- {fault}")).collect();
        assert!(
            faults.is_empty(),
            "{} of the store's rules are broken:{}",
            faults.len(),
            faults.concat()
        );
    }
}
