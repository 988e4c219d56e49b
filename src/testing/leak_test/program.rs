//! The program under test, as one run has it.

use super::reply::Reply;
use super::subject::Connection;
use super::subject::LocalFuture;
use super::subject::Program;
use super::subject::ProgramKind;
use super::subject::Served;
use super::visitor::Visitor;
use super::wire::Wire;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::Mutex;

/// A connection, which one request has at a time.
pub(super) type SharedConnection = Rc<Mutex<Box<dyn Connection>>>;

/// The program under test, as one run has it.
pub(super) enum Running<'a> {
    Service(OneServer),
    Function(&'a dyn Fn(Visitor) -> LocalFuture<'static, Reply>),
}

/// A server that clients connect to.
pub(super) struct OneServer {
    served: Rc<dyn Served>,
    /// Whether what it is connected by is real already.
    is_remote: bool,
    /// The one that all share, if they do: two by two, so that there are several at once.
    shared: Option<RefCell<Vec<(usize, SharedConnection)>>>,
}

impl<'a> Running<'a> {
    pub(super) fn start(program: &'a Program, shares_connections: bool) -> Self {
        match &program.kind {
            ProgramKind::Service(make) => Self::Service(OneServer {
                served: make(),
                is_remote: program.is_remote,
                shared: shares_connections.then(RefCell::default),
            }),
            ProgramKind::Function(function) => Self::Function(function),
        }
    }

    pub(super) fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    pub(super) fn is_remote(&self) -> bool {
        matches!(self, Self::Service(OneServer { is_remote: true, .. }))
    }

    /// The connection of a session.
    pub(super) fn connect(&self, session: usize) -> Option<SharedConnection> {
        let Self::Service(server) = self else { return None };
        let Some(shared) = &server.shared else { return Some(server.connect()) };
        let pair = session / 2;
        let mut shared = shared.borrow_mut();
        if let Some((_, connection)) = shared.iter().find(|(of, _)| *of == pair) {
            return Some(Rc::clone(connection));
        }
        let connection = server.open();
        shared.push((pair, Rc::clone(&connection)));
        Some(connection)
    }

    /// A real connection, for one alone.
    pub(super) fn open(&self) -> Option<SharedConnection> {
        match self {
            Self::Service(server) => Some(server.open()),
            Self::Function(_) => None,
        }
    }

    /// Puts a new connection in the place of one that broke.
    pub(super) fn reconnect(&self, session: usize) -> Option<SharedConnection> {
        if let Self::Service(OneServer { shared: Some(shared), .. }) = self {
            shared.borrow_mut().retain(|(pair, _)| *pair != session / 2);
        }
        self.connect(session)
    }
}

impl OneServer {
    fn connect(&self) -> SharedConnection {
        Rc::new(Mutex::new(self.served.connect()))
    }

    fn open(&self) -> SharedConnection {
        if self.is_remote {
            return self.connect();
        }
        Rc::new(Mutex::new(Box::new(Wire::new(Rc::clone(&self.served)))))
    }
}
