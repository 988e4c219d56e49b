//! A future that is ready at once: made, scoped 1 to 16 deep, polled once, dropped.

use request_context_benches::leaf::poll_opaque;
use request_context_benches::leaf::ready;
use request_context_benches::nested;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::*;
use std::pin::pin;
use std::sync::Arc;

pub fn measure(meter: &mut dyn Meter) {
    let all = All::default();
    let mut ops = Vec::new();
    depths(&mut ops, Bare);
    depths(&mut ops, OurScope(all.context.clone()));
    depths(&mut ops, OurInContext(all.context.clone()));
    depths(&mut ops, OurCarried);
    depths(&mut ops, TokioScope(Arc::clone(&all.peer)));
    depths(&mut ops, TokioCarried);
    depths(&mut ops, TracingInstrument(tracing::Span::none()));
    depths(&mut ops, Otel(all.otel.clone()));
    depths(&mut ops, Sentry(Arc::clone(&all.hub)));
    depths(&mut ops, Fastrace(fastrace::Span::enter_with_parent("all", &all.root)));
    depths(&mut ops, Inherit(Arc::clone(&all.peer)));
    all.enter(|| meter.group("scope", ops));
}

fn depths<S: Scope>(ops: &mut Vec<Op<'_>>, scope: S) {
    let scope = Arc::new(scope);
    macro_rules! depth {
        ($depth:literal: $($level:tt)*) => {{
            let scope = Arc::clone(&scope);
            ops.push(Op::new(format!("{} {}", S::NAME, $depth), move || {
                poll_opaque(pin!(nested!(scope, ready(); $($level)*)))
            }));
        }};
    }
    depth!(1: .);
    depth!(2: . .);
    depth!(4: . . . .);
    depth!(8: . . . . . . . .);
    depth!(16: . . . . . . . . . . . . . . . .);
}
