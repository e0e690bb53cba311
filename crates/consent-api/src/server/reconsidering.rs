//! At start: requests that were refused before are tried again with the keys that are configured now.

use super::Service;
use crate::gateways::Account;
use crate::{limits, routes};

impl Service {
    /// Tries every refused request again. What cannot be done in time, or now, waits for the next start.
    pub(super) async fn reconsider(&self) {
        let trying = async {
            for account in self.accounts.values() {
                let recovered = self.reconsider_those_of(account).await;
                metrics::counter!("webhooks_recovered_total", "account" => account.name.clone()).increment(recovered);
                if recovered > 0 {
                    tracing::warn!(
                        account = account.name,
                        recovered,
                        "refused requests were genuine, and are recorded"
                    );
                }
            }
        };
        if tokio::time::timeout(limits::REFUSED_RETRY, trying).await.is_err() {
            tracing::warn!("not every refused request was tried again: the others wait for the next start");
        }
    }

    /// How many of an account's requests are genuine now.
    async fn reconsider_those_of(&self, account: &Account) -> u64 {
        let mut recovered = 0;
        for path in self.refused.of(account) {
            let Some(request) = self.refused.read(&path, account) else {
                tracing::warn!(account = account.name, "a refused request cannot be read, and is deleted");
                self.refused.forget(&path);
                continue;
            };
            match routes::reconsider(request, account, self).await {
                Ok(true) => {
                    self.refused.forget(&path);
                    recovered += 1;
                }
                Ok(false) => {}
                Err(problem) => {
                    let cause = problem.cause();
                    tracing::warn!(account = account.name, %problem, cause, "a refused request waits for the next start");
                }
            }
        }
        recovered
    }
}
