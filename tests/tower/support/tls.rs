//! Both ends of TLS, with a certificate of the test's own, and the protocol by ALPN.

use super::Http;
use rcgen::CertifiedKey;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::TlsConnector;
use tokio_rustls::client;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::server;

#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    roots: Arc<RootCertStore>,
}

const NAME: &str = "localhost";

impl Tls {
    pub(crate) fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = Http::BOTH.map(|http| alpn(http).to_vec()).into();
        Self { acceptor: Arc::new(config).into(), roots: Arc::new(roots) }
    }

    /// The server's end, and what was agreed on.
    pub(super) async fn accept(&self, socket: TcpStream) -> (Http, server::TlsStream<TcpStream>) {
        let stream = self.acceptor.accept(socket).await.unwrap();
        let agreed = stream.get_ref().1.alpn_protocol();
        let http = Http::BOTH.into_iter().find(|http| agreed == Some(alpn(*http)));
        (http.expect("the client offers a protocol"), stream)
    }

    pub(super) async fn connect(
        &self,
        http: Http,
        socket: TcpStream,
    ) -> client::TlsStream<TcpStream> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn(http).to_vec()];
        let name = ServerName::try_from(NAME).unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn(http)));
        stream
    }
}

fn alpn(http: Http) -> &'static [u8] {
    match http {
        Http::One => b"http/1.1",
        Http::Two => b"h2",
    }
}
