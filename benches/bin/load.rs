//! A load run on loopback: our layer, at its least and with everything, beside the bare router.
//!
//! Throughput is what wrk gets at saturation. Latency is what oha sees at one constant rate that all
//! sustain, an eighth of what the bare one does at most (at more oha itself would be late): of a server
//! that is saturated it would say how long the queue is that the client makes. Each is counted from when
//! the request was due, so that a late answer delays no other one unseen (coordinated omission).
//!
//! Each server is a child process with one thread. A second bare one shows what the machine adds: its
//! ratio to the first would be 1 on a quiet one.

use http::Request;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use request_context::tower::RequestContextLayer;
use request_context_benches::edge::CREDENTIAL;
use request_context_benches::edge::ours_with_everything;
use request_context_benches::edge::router;
use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use tower::Layer as _;
use tower::Service;

/// In each, every server has its turn, in another order.
const ROUNDS: usize = 9;
const DURATION: &str = "2s";
const CONNECTIONS: &str = "16";

const SERVERS: [&str; 4] = ["bare", "ours", "everything", "bare"];

type Anything = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let done = match env::args().nth(1) {
        Some(service) => serve(&service).map_err(Into::into),
        None => drive(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until standard input ends, as it does when the parent is gone.
fn serve(service: &str) -> io::Result<()> {
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let (end, ended) = tokio::sync::oneshot::channel();
        #[expect(clippy::disallowed_methods, reason = "a thread of the process, of no request")]
        std::thread::spawn(move || {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            end.send(())
        });
        tokio::select! {
            served = async {
                match service {
                    "ours" => accept(listener, RequestContextLayer::new().layer(router())).await,
                    "everything" => {
                        accept(listener, ours_with_everything().layer(router())).await
                    }
                    _ => accept(listener, router()).await,
                }
            } => served,
            _ = ended => Ok(()),
        }
    })
}

/// Serves by hyper alone: `axum::serve` takes no other body than axum's own, so ours would pay a
/// box that is not the layer's.
async fn accept<S, B>(listener: TcpListener, service: S) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + 'static,
    B: Body<Error: Error + Send + Sync> + 'static,
{
    let local = LocalSet::new();
    let accepting = local.run_until(async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = TowerToHyperService::new(service.clone());
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            #[expect(clippy::disallowed_methods, reason = "a connection is of no request")]
            tokio::task::spawn_local(connection);
        }
    });
    accepting.await
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(service: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(env::current_exe()?)
            .arg(service)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or("no output of the server")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse()? })
    }

    /// Requests per second, at the most.
    fn saturate(&self) -> Result<f64, Box<dyn Error>> {
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", CONNECTIONS, "--duration", DURATION]);
        wrk.args(["--header", &format!("Authorization: {CREDENTIAL}")]);
        let text = self.output_of(wrk)?;
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("wrk was refused:\n{text}").into());
        }
        number_after(&text, "Requests/sec:")
    }

    /// The median and the 99th percentile of the latency at so many requests per second, in
    /// microseconds.
    fn at_rate(&self, rate: f64) -> Result<[f64; 2], Box<dyn Error>> {
        let mut oha = Command::new("oha");
        oha.args(["-z", DURATION, "-c", CONNECTIONS, "-q", &format!("{rate:.0}")]);
        oha.args(["--latency-correction", "--no-tui", "--output-format", "json"]);
        oha.args(["-H", &format!("Authorization: {CREDENTIAL}")]);
        let text = self.output_of(oha)?;
        let reached = number_after(&text, "\"requestsPerSec\":")?;
        if reached < 0.98 * rate || number_after(&text, "\"successRate\":")? < 1.0 {
            return Err(format!("oha was to send {rate:.0} requests a second:\n{text}").into());
        }
        let (_, percentiles) =
            text.split_once("\"latencyPercentiles\"").ok_or("oha printed no latency")?;
        let microseconds = |label| number_after(percentiles, label).map(|seconds| seconds * 1e6);
        Ok([microseconds("\"p50\":")?, microseconds("\"p99\":")?])
    }

    fn output_of(&self, mut load: Command) -> Result<String, Box<dyn Error>> {
        let output = load.arg(format!("http://{}/", self.address)).output()?;
        let text = String::from_utf8(output.stdout)?;
        if output.status.success() {
            return Ok(text);
        }
        Err(format!("{load:?}: {}\n{text}", output.status).into())
    }

    fn run(&self, rate: f64) -> Result<Run, Box<dyn Error>> {
        let throughput = self.saturate()?;
        let [p50, p99] = self.at_rate(rate)?;
        Ok(Run { throughput, p50, p99 })
    }
}

fn number_after(text: &str, label: &str) -> Result<f64, Box<dyn Error>> {
    let (_, rest) = text.split_once(label).ok_or_else(|| format!("no `{label}` in:\n{text}"))?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | 'e' | '-')).unwrap_or(rest.len());
    Ok(rest[..end].parse()?)
}

/// To wait closes the child's standard input first.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.wait();
    }
}

struct Run {
    /// Requests per second.
    throughput: f64,
    /// Microseconds.
    p50: f64,
    p99: f64,
}

fn drive() -> Anything {
    let mut servers = Vec::new();
    for service in SERVERS {
        servers.push(Server::start(service)?);
    }
    let mut most = Vec::new();
    for server in &servers {
        most.push(server.saturate()?);
    }
    let rate = (most[0] / 8.0).round();
    let mut runs: [Vec<Run>; SERVERS.len()] = Default::default();
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        for turn in 0..servers.len() {
            // Who comes first has the warmer or the colder machine.
            let turn = if round % 2 == 0 { turn } else { servers.len() - 1 - turn };
            let index = (turn + round / 2) % servers.len();
            runs[index].push(servers[index].run(rate)?);
        }
    }
    print!("{}", table(&runs, rate));
    Ok(())
}

/// What is measured of each, and what the ratio to the bare one is to be.
struct Figure {
    title: &'static str,
    unit: &'static str,
    of: fn(&Run) -> f64,
    goal: Option<Goal>,
}

/// What the ratio is to be.
#[derive(Clone, Copy)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

const FIGURES: [Figure; 3] = [
    Figure {
        title: "requests per second, saturated",
        unit: "",
        of: |run| run.throughput,
        goal: Some(Goal::AtLeast(0.95)),
    },
    Figure {
        title: "latency at a constant rate, median",
        unit: " µs",
        of: |run| run.p50,
        goal: None,
    },
    Figure {
        title: "latency at a constant rate, 99th percentile",
        unit: " µs",
        of: |run| run.p99,
        goal: Some(Goal::AtMost(1.1)),
    },
];

fn table([bare, ours, everything, again]: &[Vec<Run>; 4], rate: f64) -> String {
    let mut table = "\
| under load | the bare router | ours | ours / bare | bare / bare | to reach | reached |
|---|---:|---:|---:|---:|---|---|
"
    .to_owned();
    for (whose, ours) in [("request ID, scope, echo", ours), ("everything", everything)] {
        for Figure { title, unit, of, goal } in FIGURES {
            let (ratio, noise) = (ratio(ours, bare, of), ratio(again, bare, of));
            let scatter = scatter(again, bare, of);
            let (goal, reached) = goal.map_or_else(Default::default, |goal| {
                let (text, limit, is_reached) = match goal {
                    Goal::AtLeast(limit) => (format!("≥ {limit}"), limit, ratio >= limit),
                    Goal::AtMost(limit) => (format!("≤ {limit}"), limit, ratio <= limit),
                };
                // Of two bare servers one is as good as the other: what they differ by is the
                // machine's.
                let is_decided = scatter < (ratio - limit).abs();
                let reached = match (is_decided, is_reached) {
                    (false, _) => "undecided: noise",
                    (true, true) => "yes",
                    (true, false) => "**no**",
                };
                (text, reached)
            });
            let [bare, ours] = [bare, ours].map(|runs| median(runs.iter().map(of)));
            table += &format!(
                "| {whose}: {title} | {bare:.0}{unit} | {ours:.0}{unit} | {ratio:.3} | \
                 {noise:.3} ± {scatter:.3} | {goal} | {reached} |\n"
            );
        }
    }
    table
        + &format!(
            "
Medians of {ROUNDS} interleaved rounds, in each {DURATION} of wrk and {DURATION} of oha for every \
server, with {CONNECTIONS} connections; a ratio is the median of those of the rounds. The constant \
rate is {rate:.0} a second, an eighth of what the bare server did at first; latencies are counted from when \
a request was due. *bare / bare* is a second bare server, and by how much the two differ within a \
round: the noise. *Undecided* where that is larger than what is missing or spare.
"
        )
}

/// Of the pairs of one round each, the median ratio.
fn ratio(ours: &[Run], bare: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    median(ours.iter().zip(bare).map(|(ours, bare)| figure(ours) / figure(bare)))
}

/// By how much two of the same differ within one round: the median.
fn scatter(again: &[Run], bare: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    median(again.iter().zip(bare).map(|(again, bare)| (figure(again) / figure(bare) - 1.0).abs()))
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
