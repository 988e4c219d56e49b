//! A load run on loopback: wrk against our layer with everything, beside the bare router.
//!
//! Each server is a child process with one thread, and so is wrk. A second bare server shows what
//! the machine adds: its ratio to the first would be 1 on a quiet one.

use http::Request;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
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
                if service == "ours" {
                    accept(listener, ours_with_everything().layer(router())).await
                } else {
                    accept(listener, router()).await
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

    /// One short run.
    fn load(&self) -> Result<Run, Box<dyn Error>> {
        let output = Command::new("wrk")
            .args(["--threads", "1", "--connections", CONNECTIONS, "--duration", DURATION])
            .args(["--latency", "--header", &format!("Authorization: {CREDENTIAL}")])
            .arg(format!("http://{}/", self.address))
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("wrk: {}\n{text}", output.status).into());
        }
        let after = |label: &str| -> Result<&str, String> {
            let found = text.lines().find_map(|line| line.trim().strip_prefix(label));
            found.map(str::trim).ok_or(format!("wrk printed no `{label}`:\n{text}"))
        };
        let p99 = after("99%")?;
        let number_of_microseconds = |unit: &str, factor: f64| {
            p99.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok()).map(|n| n * factor)
        };
        let p99 = number_of_microseconds("us", 1.0)
            .or_else(|| number_of_microseconds("ms", 1e3))
            .or_else(|| number_of_microseconds("s", 1e6))
            .ok_or(format!("wrk printed a latency of `{p99}`"))?;
        Ok(Run { throughput: after("Requests/sec:")?.parse()?, p99 })
    }
}

/// To wait closes the child's standard input first.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.wait();
    }
}

#[derive(Clone, Copy)]
struct Run {
    /// Requests per second.
    throughput: f64,
    /// Microseconds.
    p99: f64,
}

fn drive() -> Anything {
    let servers = [Server::start("bare")?, Server::start("ours")?, Server::start("bare")?];
    for server in &servers {
        server.load()?;
    }
    let mut runs: [Vec<Run>; 3] = Default::default();
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        for turn in 0..servers.len() {
            // Every order of two in turn: who comes first has the warmer or the colder machine.
            let turn = if round % 2 == 0 { turn } else { servers.len() - 1 - turn };
            let index = (turn + round / 2) % servers.len();
            runs[index].push(servers[index].load()?);
        }
    }
    print!("{}", table(&runs));
    Ok(())
}

fn table([bare, ours, again]: &[Vec<Run>; 3]) -> String {
    let throughput = |run: &Run| run.throughput;
    let p99 = |run: &Run| run.p99;
    let (rate, rate_of_noise) = (ratio(ours, bare, throughput), ratio(again, bare, throughput));
    let (tail, tail_of_noise) = (ratio(ours, bare, p99), ratio(again, bare, p99));
    let row = |title: &str,
               figures: [f64; 2],
               unit: &str,
               ratios: [f64; 2],
               (goal, limit, scatter): (&str, f64, f64),
               is_reached: bool| {
        let [bare, ours] = figures;
        let [ratio, noise] = ratios;
        // Of two bare servers one is as good as the other: what they differ by is the machine's.
        let is_decided = scatter < (ratio - limit).abs();
        let reached = match (is_decided, is_reached) {
            (false, _) => "undecided: noise",
            (true, true) => "yes",
            (true, false) => "**no**",
        };
        format!(
            "| {title} | {bare:.0}{unit} | {ours:.0}{unit} | {ratio:.3} | {noise:.3} | {goal} | {reached} |\n"
        )
    };
    let (least, most) = bare.iter().fold((f64::MAX, 0.0_f64), |(least, most), run| {
        (least.min(run.throughput), most.max(run.throughput))
    });
    format!(
        "\
| under load | bare router | ours with everything | ours / bare | bare / bare | to reach | reached |
|---|---:|---:|---:|---:|---|---|
{}{}
Medians of {ROUNDS} interleaved rounds of {DURATION} with {CONNECTIONS} connections; a ratio is the \
median of those of the rounds. *bare / bare* is a second bare server, which is the noise; the \
throughput of the first was between {least:.0} and {most:.0} a second. Server (hyper alone) and wrk \
have a thread each. *Undecided* where the noise is larger than what is missing or spare.
",
        row(
            "requests per second",
            [median(bare.iter().map(throughput)), median(ours.iter().map(throughput))],
            "",
            [rate, rate_of_noise],
            ("≥ 0.95", 0.95, scatter(again, bare, throughput)),
            rate >= 0.95,
        ),
        row(
            "latency, 99th percentile",
            [median(bare.iter().map(p99)), median(ours.iter().map(p99))],
            " µs",
            [tail, tail_of_noise],
            ("≤ 1.1", 1.1, scatter(again, bare, p99)),
            tail <= 1.1,
        ),
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
