//! What is asked of a scrub: of which list, which question, and which rows are wanted back.

use consent_core::scope::{Channel, Purpose};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Kind, Problem};
use crate::routes::QuestionBody;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One address a line
    Text,
    /// A header line, then records
    Csv,
    /// One JSON object a line
    Ndjson,
}

impl Format {
    /// The format of a media type.
    pub(crate) fn of_media(media: &str) -> Option<Self> {
        let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/plain" => Some(Self::Text),
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// Its media type.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// Which rows are wanted back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Those that may be contacted
    #[default]
    Allowed,
    /// The others
    Denied,
    /// Every row with its decision and reason
    All,
}

/// Where the certificate goes in a list that has no place for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Closing {
    /// A last line: `# certificate {...}`.
    Line,
    /// Nowhere.
    None,
}

/// What is asked about every row, and what is wanted back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScrubQuery {
    /// `sms mms voice email push whatsapp postal`
    #[param(example = "sms")]
    pub channel: String,
    /// What the message is for, such as `special_offers`.
    #[param(example = "special_offers")]
    pub purpose: String,
    /// Which rows come back: `allowed`, `denied` or `all`; `allowed` by default.
    #[serde(default, rename = "return")]
    #[param(inline)]
    pub keep: Keep,
    /// The column of a CSV with the address; by default the first of `phone`, `email`, `address` and `subject`, and for e-mail `email` first.
    pub column: Option<String>,
    /// The number or address the message would come from.
    pub sender: Option<String>,
    /// The line of products it advertises.
    pub product_line: Option<String>,
    /// Sent or dialled by a machine; true, unless said otherwise.
    pub automated: Option<bool>,
    /// The message itself offers a way to refuse more of them.
    pub opt_out_in_message: Option<bool>,
    /// `line` closes text and CSV with a line `# certificate {...}`, `none` does not. By default text has it and CSV
    /// has not. NDJSON always ends with its certificate.
    #[param(inline)]
    pub certificate: Option<Closing>,
}

/// A list and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub(crate) format: Format,
    pub(crate) keep: Keep,
    query: ScrubQuery,
}

impl Order {
    /// An order, if its channel and purpose are known: else every row would be denied for the same mistake.
    pub fn new(format: Format, query: ScrubQuery) -> Result<Self, Problem> {
        let malformed = |name: &str| Problem::new(Kind::Malformed, format!("{name} is not a known {name}"));
        query.channel.parse::<Channel>().map_err(|_| malformed("channel"))?;
        query.purpose.parse::<Purpose>().map_err(|_| malformed("purpose"))?;
        Ok(Self { format, keep: query.keep, query })
    }

    /// The column with the address, if it is named.
    pub(crate) fn column(&self) -> Option<&str> {
        self.query.column.as_deref()
    }

    /// Whether whoever is asked about is to be written to by e-mail.
    pub(crate) fn is_by_email(&self) -> bool {
        self.query.channel.parse() == Ok(Channel::Email)
    }

    /// Whether text or CSV is to be closed by its certificate.
    pub(crate) fn is_closed(&self) -> bool {
        match self.query.certificate {
            Some(closing) => closing == Closing::Line,
            None => self.format == Format::Text,
        }
    }

    /// The question about nobody yet.
    pub(crate) fn question(&self) -> QuestionBody {
        let query = &self.query;
        QuestionBody {
            channel: query.channel.clone(),
            purpose: query.purpose.clone(),
            sender: query.sender.clone(),
            product_line: query.product_line.clone(),
            automated: query.automated,
            opt_out_in_message: query.opt_out_in_message,
            ..QuestionBody::default()
        }
    }
}
