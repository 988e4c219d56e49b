//! Work that comes through a channel: the context rides on the message.

use crate::support::on_each_runtime;
use crate::support::user;
use crate::support::whose;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use request_context::ContextExt;
use request_context::RequestContext;
use request_context::spawn_outside;
use std::thread;
use tokio::sync::mpsc;

const USERS: [&str; 4] = ["ada", "bob", "eve", "kim"];

struct Message {
    context: RequestContext,
    body: String,
}

impl Message {
    fn written_here() -> Self {
        Self { context: RequestContext::current(), body: whose() }
    }
}

async fn send_one_for_each(inbox: &mpsc::Sender<Message>) {
    for name in USERS {
        let send = async { inbox.send(Message::written_here()).await.unwrap() };
        send.in_context(user(name)).await;
    }
}

#[test]
fn each_message_is_worked_on_for_the_request_that_sent_it() {
    on_each_runtime(async || {
        let (inbox, mut messages) = mpsc::channel::<Message>(USERS.len());
        let actor = spawn_outside(async move {
            let mut handled = Vec::new();
            while let Some(Message { context, body }) = messages.recv().await {
                let work = async move {
                    tokio::task::yield_now().await;
                    assert_eq!(whose(), body);
                    body
                };
                handled.push(work.in_context(context).await);
                RequestContext::try_current().unwrap_err();
            }
            handled
        });
        send_one_for_each(&inbox).await;
        drop(inbox);
        assert_eq!(actor.await.unwrap(), USERS);
    });
}

#[test]
fn a_batch_of_messages_keeps_the_context_of_each() {
    on_each_runtime(async || {
        let (inbox, mut messages) = mpsc::channel(USERS.len());
        send_one_for_each(&inbox).await;
        let mut batch = Vec::new();
        messages.recv_many(&mut batch, USERS.len()).await;

        let batch = batch.into_iter().map(|Message { context, body }| {
            let work = async move {
                for _ in 0..3 {
                    assert_eq!(whose(), body);
                    tokio::task::yield_now().await;
                }
                body
            };
            work.in_context(context)
        });
        let handled: FuturesUnordered<_> = batch.collect();
        let mut handled: Vec<_> = handled.collect().await;
        handled.sort();
        assert_eq!(handled, USERS);
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the worker serves every request")]
fn a_worker_thread_serves_each_message_in_its_context() {
    let (inbox, messages) = std::sync::mpsc::channel::<Message>();
    let worker = thread::spawn(move || {
        let serve = |message: Message| {
            let whose = message.context.sync_scope(whose);
            assert!(!RequestContext::in_scope());
            (message.body, whose)
        };
        messages.into_iter().map(serve).collect::<Vec<_>>()
    });
    for name in USERS {
        inbox.send(user(name).sync_scope(Message::written_here)).unwrap();
    }
    drop(inbox);
    let served = USERS.map(|name| (name.to_owned(), name.to_owned()));
    assert_eq!(worker.join().unwrap(), served);
}
