//! One poll of a future that stays pending, scoped 1 to 16 deep.

use request_context_benches::leaf::pending;
use request_context_benches::leaf::poll_opaque;
use request_context_benches::nested;
use request_context_benches::op::Meter;
use request_context_benches::op::Op;
use request_context_benches::rivals::*;
use std::sync::Arc;

pub fn measure(meter: &mut dyn Meter) {
    let all = All::default();
    all.enter(|| {
        let mut ops = Vec::new();
        depths(&mut ops, &Bare);
        depths(&mut ops, &OurScope(all.context.clone()));
        depths(&mut ops, &OurInContext(all.context.clone()));
        depths(&mut ops, &OurCarried);
        depths(&mut ops, &TokioScope(Arc::clone(&all.peer)));
        depths(&mut ops, &TokioCarried);
        depths(&mut ops, &TracingInstrument(tracing::Span::none()));
        depths(&mut ops, &Otel(all.otel.clone()));
        depths(&mut ops, &Sentry(Arc::clone(&all.hub)));
        depths(&mut ops, &Fastrace(fastrace::Span::enter_with_parent("all", &all.root)));
        depths(&mut ops, &Inherit(Arc::clone(&all.peer)));
        meter.group("poll", ops);
    });
}

fn depths<S: Scope>(ops: &mut Vec<Op<'_>>, scope: &S) {
    macro_rules! depth {
        ($depth:literal: $($level:tt)*) => {{
            let mut future = Box::pin(nested!(scope, pending(); $($level)*));
            ops.push(Op::new(format!("{} {}", S::NAME, $depth), move || {
                poll_opaque(future.as_mut())
            }));
        }};
    }
    depth!(1: .);
    depth!(2: . .);
    depth!(4: . . . .);
    depth!(8: . . . . . . . .);
    depth!(16: . . . . . . . . . . . . . . . .);
}
