//! Work that outlives whoever waits for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Done by whoever waits for it, and by the runtime of the service should they go away.
///
/// A task of its own for each event would do as well, at the cost of waking another thread, and then this one.
pub(super) struct Lasting<T: Send + 'static> {
    runtime: Handle,
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
}

impl<T: Send + 'static> Lasting<T> {
    pub(super) fn new(runtime: &Handle, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { runtime: runtime.clone(), work: Some(Box::pin(work)) }
    }
}

impl<T: Send + 'static> Future for Lasting<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Self { runtime, work } = &mut *self;
        let Some(mut waiting) = work.take() else { return Poll::Pending };
        // Its timers must not belong to the web worker's own runtime, which may end before it.
        let _entered = runtime.enter();
        let outcome = waiting.as_mut().poll(context);
        if outcome.is_pending() {
            *work = Some(waiting);
        }
        outcome
    }
}

impl<T: Send + 'static> Drop for Lasting<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::oneshot;

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// Work that begins to wait for a timer, and says so when the time is over.
    fn work(service: &Handle) -> (Lasting<()>, oneshot::Receiver<()>) {
        let (done, is_done) = oneshot::channel();
        let work = async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = done.send(());
        };
        (Lasting::new(service, work), is_done)
    }

    #[test]
    fn work_is_done_by_whoever_waits_for_it() {
        let (service, worker) = (Builder::new_multi_thread().enable_all().build().unwrap(), runtime());
        let (work, is_done) = work(service.handle());
        worker.block_on(work);
        assert_eq!(worker.block_on(is_done), Ok(()));
    }

    #[test]
    fn work_outlives_whoever_waited_for_it_and_their_runtime() {
        let (service, worker) = (runtime(), runtime());
        let (mut work, is_done) = work(service.handle());
        let begun = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut work).poll(context)));
        assert!(worker.block_on(begun).is_pending());
        drop(worker);
        drop(work);
        assert_eq!(service.block_on(is_done), Ok(()));
    }
}
