//! A subscriber that records every span.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// All spans that started while it was active, in order; parents come before their children.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    spans: Vec<Span>,
    /// Everything in any field of a span or event.
    words: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    /// Its index among all spans.
    pub(crate) parent: Option<usize>,
    pub(crate) follows: Vec<usize>,
    /// The names of all fields that it may have.
    pub(crate) declared: Vec<&'static str>,
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) is_open: bool,
}

/// A value, by the kind with which it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
    Other(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// The index of a span, stored with it, because a later span may get the same id.
struct Place(usize);

impl Recorder {
    /// Records what happens on this thread meanwhile.
    pub(crate) fn listen<T>(&self, happens: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Registry::default().with(self.clone()), happens)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap().spans.clone()
    }

    pub(crate) fn words(&self) -> Vec<String> {
        self.0.lock().unwrap().words.clone()
    }

    /// The indexes of the spans with this name.
    pub(crate) fn named(&self, name: &str) -> Vec<usize> {
        let spans = self.spans();
        let named = spans
            .iter()
            .enumerate()
            .filter(|(_, span)| span.said("otel.name", name));
        named.map(|(place, _)| place).collect()
    }
}

impl Span {
    /// The value of a field, if one was recorded.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        match self.field(name) {
            Some(Value::Text(text)) => text,
            Some(Value::Int(_) | Value::Other(_)) | None => "",
        }
    }

    /// Whether it has this name, or contains this text.
    fn said(&self, name: &str, value: &str) -> bool {
        match self.field(name) {
            Some(said) => *said == value.into(),
            None => self.name == value,
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let place = |of: tracing_subscriber::registry::SpanRef<'_, S>| {
            of.extensions().get::<Place>().map(|place| place.0)
        };
        let parent = span.parent().and_then(place);
        let mut told = self.0.lock().unwrap();
        span.extensions_mut().insert(Place(told.spans.len()));
        told.spans.push(Span {
            name: span.name(),
            target: span.metadata().target(),
            parent,
            follows: Vec::new(),
            declared: span.fields().iter().map(|field| field.name()).collect(),
            fields: Vec::new(),
            is_open: true,
        });
        let told = &mut *told;
        attributes.record(&mut Pen {
            fields: &mut told.spans.last_mut().unwrap().fields,
            words: &mut told.words,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let place = self.place(id, &context);
        let told = &mut *self.0.lock().unwrap();
        values.record(&mut Pen {
            fields: &mut told.spans[place].fields,
            words: &mut told.words,
        });
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let (place, follows) = (self.place(id, &context), self.place(follows, &context));
        self.0.lock().unwrap().spans[place].follows.push(follows);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let told = &mut *self.0.lock().unwrap();
        event.record(&mut Pen {
            fields: &mut Vec::new(),
            words: &mut told.words,
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let place = self.place(&id, &context);
        self.0.lock().unwrap().spans[place].is_open = false;
    }
}

impl Recorder {
    #[expect(clippy::unused_self, reason = "it reads as what it is")]
    fn place<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        id: &Id,
        context: &Context<'_, S>,
    ) -> usize {
        let span = context.span(id).unwrap();
        let extensions = span.extensions();
        extensions.get::<Place>().unwrap().0
    }
}

/// Records the fields that it visits.
struct Pen<'a> {
    fields: &'a mut Vec<(&'static str, Value)>,
    words: &'a mut Vec<String>,
}

impl Pen<'_> {
    fn write(&mut self, field: &Field, value: Value) {
        self.words.push(format!("{field}={value:?}"));
        self.fields.push((field.name(), value));
    }
}

impl Visit for Pen<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, Value::Int(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, Value::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write(field, Value::Other(format!("{value:?}")));
    }
}
