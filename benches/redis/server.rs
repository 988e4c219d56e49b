//! A Redis server of our own, and what it counts.

use super::Anything;
use redis::aio::MultiplexedConnection;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

pub struct Server {
    process: Child,
    pub port: u16,
}

/// Calls, bytes to the server and bytes from it.
pub type Totals = [f64; 3];

/// Those that clients make; what a script calls has other names.
const CALLS: [&str; 5] = ["eval", "evalsha", "get", "set", "del"];

impl Server {
    pub fn start() -> Anything<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1"]);
        let process = command.stdout(Stdio::null()).spawn();
        let process = process
            .map_err(|error| format!("{error}: redis-server is needed, apt-get install redis"))?;
        let server = Self { process, port };
        while server.stream().is_err() {
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Tells what clients call from now on.
    pub fn monitor(&self) -> Anything<BufReader<TcpStream>> {
        let mut monitor = BufReader::new(self.stream()?);
        monitor.get_mut().write_all(b"MONITOR\r\n")?;
        monitor.read_line(&mut String::new())?;
        Ok(monitor)
    }

    pub async fn totals(&self, connection: &mut MultiplexedConnection) -> Anything<Totals> {
        let info: String = redis::cmd("INFO").arg("all").query_async(connection).await?;
        let field = |name: &str| {
            let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.and_then(|value| value.trim().parse::<f64>().ok()).unwrap_or_default()
        };
        let calls_of = |name: &str| {
            let after = format!("cmdstat_{name}:calls=");
            let calls = info.lines().find_map(|line| line.strip_prefix(&after)?.split(',').next());
            calls.and_then(|calls| calls.parse::<f64>().ok()).unwrap_or_default()
        };
        let calls = CALLS.into_iter().map(calls_of).sum();
        Ok([calls, field("total_net_input_bytes"), field("total_net_output_bytes")])
    }

    fn stream(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(("127.0.0.1", self.port))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
