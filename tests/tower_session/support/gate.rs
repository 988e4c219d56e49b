//! Where requests wait until the test lets them go on.

use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;

#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

struct Inner {
    arrived: Semaphore,
    open: Semaphore,
    told: mpsc::UnboundedSender<String>,
    heard: Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Default for Gate {
    fn default() -> Self {
        let (told, heard) = mpsc::unbounded_channel();
        Self(Arc::new(Inner {
            arrived: Semaphore::new(0),
            open: Semaphore::new(0),
            told,
            heard: Mutex::new(heard),
        }))
    }
}

impl Gate {
    /// Waits at the gate.
    pub(crate) async fn wait(&self) {
        self.0.arrived.add_permits(1);
        self.0.open.acquire().await.unwrap().forget();
    }

    /// Waits until so many more have arrived.
    pub(crate) async fn arrived(&self, count: u32) {
        self.0.arrived.acquire_many(count).await.unwrap().forget();
    }

    /// Lets so many go on.
    pub(crate) fn open(&self, count: usize) {
        self.0.open.add_permits(count);
    }

    /// Tells the test something, from where no response is.
    pub(crate) fn tell(&self, what: String) {
        self.0.told.send(what).unwrap();
    }

    pub(crate) async fn heard(&self) -> String {
        self.0.heard.lock().await.recv().await.unwrap()
    }
}
