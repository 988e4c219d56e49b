//! A Redis server of our own.

use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use std::time::Instant;

/// A redis-server on a free port with a folder of its own; both end with it.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(&["--appendonly", "no"])
    }

    /// With these options, as on the command line.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let name = format!("redis-{}-{}", std::process::id(), COUNT.fetch_add(1, SeqCst));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for _ in 0..5 {
            let port = free_port();
            let child = spawn(port, &folder, &options);
            let mut server = Self { child, port, folder: folder.clone(), options: options.clone() };
            if server.answers() {
                return server;
            }
            // Somebody else may have taken the port meanwhile.
            server.folder = PathBuf::new();
        }
        panic!("redis-server does not start: {options:?}");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Ends the process at once, as a crash does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was, with what it has on disk.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(self.port, &self.folder, &self.options);
        assert!(self.answers(), "redis-server does not start again");
    }

    /// Stops the process, or lets it go on.
    pub(crate) fn signal(&self, signal: &str) {
        let done = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status();
        assert!(done.unwrap().success());
    }

    /// Runs a command and gives the answer as it comes.
    pub(crate) fn run(&self, command: &[&str]) -> String {
        run(self.address(), command).expect("redis-server answers")
    }

    fn answers(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && self.child.try_wait().unwrap().is_none() {
            if run(self.address(), &["PING"]).is_ok_and(|answer| answer.starts_with("+PONG")) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn free_port() -> u16 {
    // A cluster's nodes listen at 10,000 above as well.
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

fn spawn(port: u16, folder: &PathBuf, options: &[String]) -> Child {
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--daemonize", "no", "--loglevel", "warning", "--dir"])
        .arg(folder)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.unwrap_or_else(|error| {
        panic!("no redis-server ({error}): run tests/run, or install redis-server")
    })
}

fn run(address: SocketAddr, command: &[&str]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut request = format!("*{}\r\n", command.len());
    for part in command {
        request.push_str(&format!("${}\r\n{part}\r\n", part.len()));
    }
    stream.write_all(request.as_bytes())?;
    let (mut answer, mut part) = (Vec::new(), [0; 65536]);
    loop {
        let length = stream.read(&mut part)?;
        answer.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&answer);
        if length == 0 || is_whole(&text) {
            return Ok(text.into_owned());
        }
    }
}

/// Whether this is a whole answer: a line, a bulk of the length that its first line tells, or bulks.
fn is_whole(answer: &str) -> bool {
    let Some((line, rest)) = answer.split_once("\r\n") else { return false };
    match line.split_at(1) {
        ("$", length) => length.parse::<usize>().is_ok_and(|length| rest.len() >= length + 2),
        // Here always of bulks.
        ("*", length) => {
            length.parse::<usize>().is_ok_and(|length| rest.lines().count() >= 2 * length)
        }
        _ => true,
    }
}
