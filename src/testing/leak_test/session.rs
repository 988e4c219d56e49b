//! What one visitor does in a run.

use super::defaults;
use super::exchange::Client;
use super::fault::Fault;
use super::plan::Plan;
use super::plant::Planting;
use super::program::Running;
use super::route::FoundRoute;
use super::route::RouteWorth;
use super::settings::Settings;
use super::visitor::Visitor;
use crate::testing::schedule::Rng;
use crate::testing::sinks::Observer;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Which numbers of a seed are for what, beside those of the requests.
const LOGIN: u64 = u64::MAX;
const LOGOUT: u64 = u64::MAX - 1;
const PAUSE: u64 = u64::MAX - 2;

/// What all visitors of a run share.
pub(super) struct World<'a> {
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a Plan,
    pub(super) observer: Arc<Observer>,
    pub(super) running: Running<'a>,
    pub(super) planted: Option<Planting>,
    /// The faults that were there for a request to meet.
    pub(super) faults: RefCell<BTreeMap<(usize, usize), Fault>>,
    /// The routes that were answered, if they are not known yet.
    pub(super) found: RefCell<Vec<FoundRoute>>,
}

impl World<'_> {
    /// What is done to this request.
    pub(super) fn fault(&self, session: usize, request: usize) -> Option<Fault> {
        let fault = match &self.plan.faults {
            Some(faults) => faults.get(&(session, request)).copied(),
            None => Fault::of_seed(self.settings.faults, self.plan.seed, session, request),
        };
        if let Some(fault) = fault {
            self.faults.borrow_mut().insert((session, request), fault);
        }
        fault
    }
}

/// Logs in, sends its requests, logs out. Who can log out may do so in between too, and log in again,
/// so that one logs out while another one logs in.
pub(super) async fn visit(world: Rc<World<'_>>, visitor: Visitor) {
    let me = visitor.number();
    let settings = world.settings;
    let mut client = Client::new(Rc::clone(&world), visitor.clone());
    let rng = |what: u64| Rng::of(world.plan.seed, &[2, me as u64, what]);
    let mut pause = rng(PAUSE);
    let pause = settings.logout.as_ref().and_then(|_| pause.chance(0.5).then_some(&mut pause));
    let pause = pause.map(|rng| 1 + rng.below(settings.requests.saturating_sub(1)));
    log_in(&world, &mut client, &visitor).await;
    for number in 0..settings.requests {
        if pause == Some(number) {
            log_out(&world, &mut client, &visitor).await;
            log_in(&world, &mut client, &visitor).await;
        }
        if world.plan.skipped.contains(&(me, number)) {
            continue;
        }
        let now = visitor.at(number);
        client.visitor = now.clone();
        match &settings.request {
            _ if world.running.is_function() => client.call(number).await,
            Some(make) => {
                let request = make(&now, number, &mut rng(number as u64));
                client.exchange(Some(number), request).await;
            }
            None => {
                let routes = settings.routes.as_slice();
                let Some(route) = routes.get(number % routes.len().max(1)) else { continue };
                let request = defaults::request(&now, route);
                let reply = client.exchange(Some(number), request).await;
                let worth = reply.and_then(|reply| {
                    RouteWorth::of(reply.status, &world.observer.find(&reply.body), me)
                });
                if let Some(worth) = worth {
                    world.found.borrow_mut().push((route.clone(), worth));
                }
            }
        }
    }
    log_out(&world, &mut client, &visitor).await;
}

async fn log_in<'a>(world: &World<'a>, client: &mut Client<'a>, visitor: &Visitor) {
    let mut rng = Rng::of(world.plan.seed, &[2, visitor.number() as u64, LOGIN]);
    let request = match &world.settings.login {
        Some(login) => login(visitor, 0, &mut rng),
        None if world.settings.logs_in => defaults::request(visitor, defaults::LOGIN),
        None => return,
    };
    if !world.running.is_function()
        && let Some(reply) = client.exchange(None, request).await
    {
        visitor.logged_in(reply);
    }
}

async fn log_out<'a>(world: &World<'a>, client: &mut Client<'a>, visitor: &Visitor) {
    let mut rng = Rng::of(world.plan.seed, &[2, visitor.number() as u64, LOGOUT]);
    if let Some(logout) = &world.settings.logout
        && !world.running.is_function()
    {
        client.exchange(None, logout(visitor, 0, &mut rng)).await;
    }
}
