//! The command line.

use crate::Server;
use lexopt::Arg::Long;
use lexopt::Arg::Short;
use lexopt::Error;
use lexopt::Parser;
use lexopt::ValueExt;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

pub(crate) const HELP: &str = "\
A chat server for many users at once, each request in its own context.

Usage: cargo run --example chat -- [OPTIONS]

Options:
  --listen ADDRESS  serve here [default: 127.0.0.1:3000]; port 0 takes any free port
  --drive USERS     serve on a free port, be that many users at once (2 to 2000), and print what
                    they found: exit status 0 if every request kept to itself, 1 if not,
                    3 if the server could not be driven
  --naive           the same server with module-level state instead, to see it leak
  -h, --help        print this

`POST /login` begins a session, `POST /chat` goes on with it, `POST /logout` ends it, for requests in
flight too. Sessions are kept in memory; or in the Redis server that REDIS_URL names, then several
chat processes share them.
";

const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// One user alone has nobody's data to be shown.
const USERS: RangeInclusive<usize> = 2..=2000;

/// What to do.
pub(crate) enum Command {
    Serve { server: Server, address: SocketAddr },
    Drive { server: Server, users: usize },
    Help,
}

impl Command {
    pub(crate) fn from_env() -> Result<Self, Error> {
        Self::parse(Parser::from_env())
    }

    fn parse(mut arguments: Parser) -> Result<Self, Error> {
        let mut server = Server::InContext;
        let mut address = None;
        let mut users = None;
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("listen") => address = Some(arguments.value()?.parse()?),
                Long("drive") => users = Some(arguments.value()?.parse_with(number_of_users)?),
                Long("naive") => server = Server::Naive,
                Long("help") | Short('h') => return Ok(Self::Help),
                _ => return Err(argument.unexpected()),
            }
        }
        match (address, users) {
            (Some(_), Some(_)) => Err("--drive picks a free port: leave --listen away".into()),
            (None, Some(users)) => Ok(Self::Drive { server, users }),
            (address, None) => {
                Ok(Self::Serve { server, address: address.unwrap_or(DEFAULT_ADDRESS) })
            }
        }
    }
}

fn number_of_users(text: &str) -> Result<usize, String> {
    let (least, most) = (USERS.start(), USERS.end());
    let users = text.parse().ok().filter(|users| USERS.contains(users));
    users.ok_or_else(|| format!("--drive takes a number of users from {least} to {most}"))
}
