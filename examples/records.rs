//! The patient portal done right, over HTTP: who may see a chart is decided at each access to it, and
//! each decision and each access is on record.
//!
//! In the incident behind it `currentUser` was a module variable, and nothing below the handler asked
//! again. Here the function that reads findings demands a `Permit`, so code that has not asked does
//! not compile, and what a permit is for is looked at when it is used.
//!
//! Run it, and it serves itself on a free port, sends requests that must be answered with 200, 401
//! and 403, prints what is on record, verifies that, and shows that a change to it would be found. It
//! exits with 1 if anything is not as it must be.

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use http::Method;
use http::StatusCode;
use request_context::UserId;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::AuthenticatedBy;
use request_context::access::Permit;
use request_context::access::Purpose;
use request_context::access::Resource;
use request_context::access::policy::Policy;
use request_context::access::policy::RolePolicy;
use request_context::access::policy::Roles;
use request_context::access::policy::Rule;
use request_context::access::trail::Expected;
use request_context::access::trail::FileSink;
use request_context::access::trail::Trail;
use request_context::access::trail::verify;
use request_context::axum::CurrentUser;
use request_context::owner::Owner;
use request_context::tower::Authentication;
use request_context::tower::Identity;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::future::ready;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpListener;
use tower::Layer;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// A chart by name, and whose it is: what is decided about. Not what is in it.
#[derive(Clone)]
struct Chart {
    id: String,
    patient: Option<UserId>,
    doctor: Option<UserId>,
}

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.id)
    }

    fn owner(&self) -> Owner {
        self.patient.clone().map_or_else(Owner::nobody, Owner::user)
    }
}

/// The charts and the findings in them. The second can be had by a permit alone.
#[derive(Default)]
struct Records {
    charts: BTreeMap<String, Chart>,
    findings: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Records {
    fn with(mut self, id: &str, patient: &str, doctor: &str, finding: &str) -> Result<Self> {
        let (patient, doctor) = (Some(patient.parse()?), Some(doctor.parse()?));
        self.charts.insert(id.to_owned(), Chart { id: id.to_owned(), patient, doctor });
        self.findings.get_mut().unwrap().insert(id.to_owned(), vec![finding.to_owned()]);
        Ok(self)
    }

    /// The chart of this ID. One that does not exist is nobody's, so that asking for it is denied, and
    /// on record, as asking for somebody else's is.
    fn chart(&self, id: String) -> Chart {
        self.charts.get(&id).cloned().unwrap_or(Chart { id, patient: None, doctor: None })
    }

    async fn read(&self, permit: &Permit<Chart>) -> Result<Vec<String>, AccessError> {
        let chart = permit.resource_to(Action::Read)?;
        let found = self.findings.lock().unwrap().get(&chart.id).cloned().unwrap_or_default();
        // Before anything is handed out.
        permit.record()?.count(found.len() as u64).await?;
        Ok(found)
    }

    async fn add(&self, permit: &Permit<Chart>, finding: String) -> Result<(), AccessError> {
        let chart = permit.resource_to(Action::Update)?;
        permit.record()?.count(1).await?;
        self.findings.lock().unwrap().entry(chart.id.clone()).or_default().push(finding);
        Ok(())
    }
}

/// Patients read their own chart, doctors read and write those of their patients, nurses read in an
/// emergency. What nobody mentions is denied.
fn policy() -> Policy {
    let own_patients = Rule::role("doctor")
        .on_where(|question, chart: &Chart| chart.doctor.as_ref() == question.user());
    Policy::new(
        RolePolicy::new()
            .allow(Rule::owner().on::<Chart>().to([Action::Read]))
            .allow(own_patients.to([Action::Read, Action::Update]))
            .break_glass(Rule::role("nurse").on::<Chart>().to([Action::Read])),
    )
}

/// Who has which token, and is what. A real one verifies a signature, as `JwtBearer` does, or opens
/// a session.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("token-of-dora", "dora", "doctor"),
    ("token-of-ann", "ann", "patient"),
    ("token-of-bob", "bob", "patient"),
    ("token-of-nora", "nora", "nurse"),
];

fn authenticate(parts: &http::request::Parts) -> Authentication {
    let token = match bearer_token(&parts.headers) {
        Ok(None) => return Authentication::Anonymous,
        Ok(Some(token)) => token,
        Err(_) => return Authentication::rejected(),
    };
    let person = PEOPLE.iter().find(|(known, ..)| *known == token);
    let identity = person.and_then(|(_, name, role)| {
        let identity = Identity::new(name.parse().ok()?).insert(Roles::new([*role]));
        Some(identity.insert(AuthenticatedBy::new("bearer token")).insert(Purpose::new("TREAT")))
    });
    identity.map_or(Authentication::rejected(), Authentication::Identified)
}

/// 403 if the policy said no; any other reason is told to the log alone.
struct Refused(AccessError);

impl From<AccessError> for Refused {
    fn from(error: AccessError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self.0 {
            error if error.is_denied() => StatusCode::FORBIDDEN,
            error if error.is_revoked() => StatusCode::UNAUTHORIZED,
            error => {
                tracing::error!(error = &error as &dyn Error, "no access");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
        .into_response()
    }
}

/// Not a parameter of anything below it: who is asking is in the context.
async fn read(
    _: CurrentUser,
    State(records): State<Arc<Records>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Vec<String>>, Refused> {
    let chart = records.chart(id);
    let asked = access::authorize(Action::Read, &chart);
    let emergency = headers.get("x-emergency").and_then(|reason| reason.to_str().ok());
    let permit = match emergency {
        Some(reason) => asked.break_glass(reason).await?,
        None => asked.await?,
    };
    Ok(Json(records.read(&permit).await?))
}

async fn add(
    _: CurrentUser,
    State(records): State<Arc<Records>>,
    Path(id): Path<String>,
    finding: String,
) -> Result<StatusCode, Refused> {
    let permit = access::authorize(Action::Update, &records.chart(id)).await?;
    records.add(&permit, finding).await?;
    Ok(StatusCode::OK)
}

fn portal(trail: &Trail) -> Result<Router> {
    let records = Records::default()
        .with("c-1", "ann", "dora", "ann: allergic to penicillin")?
        .with("c-2", "bob", "dan", "bob: blood group A")?;
    let routes = Router::new()
        .route("/charts/{id}/findings", get(read).post(add))
        .with_state(Arc::new(records));
    let layer = RequestContextLayer::new()
        .authenticate(|parts: &http::request::Parts| ready(authenticate(parts)))
        .insert(policy())
        .insert(trail.clone());
    Ok(Router::new().fallback_service(layer.layer(routes)))
}

struct Case {
    what: &'static str,
    token: Option<&'static str>,
    method: Method,
    chart: &'static str,
    emergency: Option<&'static str>,
    expected: StatusCode,
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let case = |what, token, method, chart, emergency, expected| {
        Case { what, token, method, chart, emergency, expected }
    };
    let (ok, unauthorized, forbidden) =
        (StatusCode::OK, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN);
    let (dora, ann, nora) = (Some("token-of-dora"), Some("token-of-ann"), Some("token-of-nora"));
    let unconscious = Some("unconscious on arrival");
    vec![
        case("a doctor reads her patient's chart", dora, Method::GET, "c-1", None, ok),
        case("and writes into it", dora, Method::POST, "c-1", None, ok),
        case("but not another doctor's patient's", dora, Method::GET, "c-2", None, forbidden),
        case("a patient reads her own", ann, Method::GET, "c-1", None, ok),
        case("but does not write into it", ann, Method::POST, "c-1", None, forbidden),
        case("nor read another patient's", ann, Method::GET, "c-2", None, forbidden),
        case("also not by calling it an emergency", ann, Method::GET, "c-2", unconscious, forbidden),
        case("the other patient reads his", Some("token-of-bob"), Method::GET, "c-2", None, ok),
        case("a nurse reads none", nora, Method::GET, "c-2", None, forbidden),
        case("but in an emergency", nora, Method::GET, "c-2", unconscious, ok),
        case("which has to be named", nora, Method::GET, "c-2", Some(" "), forbidden),
        case("and writes into none", nora, Method::POST, "c-2", None, forbidden),
        case("a chart that does not exist", ann, Method::GET, "c-9", None, forbidden),
        case("nobody", None, Method::GET, "c-1", None, unauthorized),
        case("a token that nobody has", Some("guessed"), Method::GET, "c-1", None, unauthorized),
    ]
}

/// Sends all of them; how many were not answered as they must be.
async fn drive(address: SocketAddr) -> Result<usize> {
    let client = reqwest::Client::new();
    let mut wrong = 0;
    println!("{:<38} {:<6} {:<6} {:>7} {:>8}", "request", "", "chart", "must be", "is");
    for case in cases() {
        let url = format!("http://{address}/charts/{}/findings", case.chart);
        let mut request = client.request(case.method.clone(), url);
        if let Some(token) = case.token {
            request = request.bearer_auth(token);
        }
        if let Some(reason) = case.emergency {
            request = request.header("x-emergency", reason);
        }
        if case.method == Method::POST {
            request = request.body("ann: recovering");
        }
        let response = request.send().await?;
        let status = response.status();
        let body = response.text().await?;
        // Of each patient nothing but what is in that chart, and only with 200.
        let other = if case.chart == "c-1" { "bob" } else { "ann" };
        let is_leak = body.contains(other) || status != StatusCode::OK && body.contains(": ");
        let is_right = status == case.expected && !is_leak;
        wrong += usize::from(!is_right);
        let (must_be, is) = (case.expected.as_u16(), status.as_u16());
        let mark = if is_right { "" } else { "  WRONG" };
        println!(
            "{:<38} {:<6} {:<6} {must_be:>7} {is:>8}{mark}",
            case.what,
            case.method.as_str(),
            case.chart
        );
    }
    Ok(wrong)
}

fn files_in(folder: &PathBuf) -> Result<Vec<PathBuf>> {
    let paths: std::io::Result<Vec<_>> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = paths?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    Ok(files)
}

/// Prints what is on record; how many decisions and accesses.
fn print(files: &[PathBuf]) -> Result<(usize, usize)> {
    const COLUMNS: [(&str, &str, usize); 9] = [
        ("at", "time", 8),
        ("who", "user.id", 5),
        ("what", "event", 11),
        ("outcome", "outcome", 11),
        ("action", "action", 6),
        ("chart", "resource.id", 5),
        ("of", "owner.user.id", 4),
        ("n", "count", 1),
        ("reason", "reason", 0),
    ];
    let row = |cell: &dyn Fn(&str, &str) -> String| {
        let cells = COLUMNS.map(|(title, name, width)| format!("{:<width$}", cell(title, name)));
        println!("{}", cells.join("  ").trim_end());
    };
    row(&|title, _| title.to_owned());
    let (mut decisions, mut accesses) = (0, 0);
    for file in files {
        for line in fs::read_to_string(file)?.lines() {
            let record: Value = serde_json::from_str(line)?;
            match record["event"].as_str() {
                Some("decision" | "break-glass") => decisions += 1,
                Some("access") => accesses += 1,
                _ => continue,
            }
            row(&|_, name| match (name, &record[name]) {
                ("time", Value::String(time)) => time.get(11..19).unwrap_or(time).to_owned(),
                (_, Value::String(text)) => text.clone(),
                (_, Value::Null) => String::new(),
                (_, other) => other.to_string(),
            });
        }
    }
    Ok((decisions, accesses))
}

/// Whether a denial that is made an approval afterwards is found out.
fn is_change_found(files: &[PathBuf]) -> Result<bool> {
    let Some(file) = files.first() else { return Ok(false) };
    let changed =
        file.with_file_name(file.file_name().unwrap_or_default()).with_extension("changed");
    let text = fs::read_to_string(file)?;
    fs::write(&changed, text.replacen(r#""outcome":"denied""#, r#""outcome":"allowed""#, 1))?;
    let found = verify(&[&changed], &Expected::default());
    if let Err(error) = &found {
        println!("With one `denied` made an `allowed`: {error}");
    }
    Ok(found.is_err())
}

async fn run(folder: &PathBuf) -> Result<bool> {
    let trail = Trail::builder("portal").open(FileSink::in_dir(folder))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = portal(&trail)?;
    let server = request_context::spawn_outside(async move { axum::serve(listener, app).await });
    let wrong = drive(address).await?;
    server.abort();
    trail.close().await?;

    println!("\nOn record:\n");
    let files = files_in(folder)?;
    let (decisions, accesses) = print(&files)?;
    let verified = verify(&files, &Expected::default().head(trail.head()))?;
    println!("\n{} records verify, up to the head {}", verified.records(), verified.head());
    let is_change_found = is_change_found(&files)?;

    // Of those who are somebody each request was decided; what was allowed was done.
    let asked = cases().iter().filter(|case| case.expected != StatusCode::UNAUTHORIZED).count();
    let allowed = cases().iter().filter(|case| case.expected == StatusCode::OK).count();
    println!("{wrong} requests were answered wrong; {decisions} decisions, {accesses} accesses");
    Ok(wrong == 0 && is_change_found && (decisions, accesses) == (asked, allowed))
}

#[tokio::main]
async fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("records-{}", std::process::id()));
    let result = run(&folder).await;
    let removed = fs::remove_dir_all(&folder);
    match result {
        Ok(true) if removed.is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
