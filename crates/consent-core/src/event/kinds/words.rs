//! The words that fields of events are written with.

use crate::scope::words;

words! {
    /// How explicit a consent is, weakest first.
    Level, "consent level" {
        /// Follows from a relationship (CASL implied consent).
        Implied = "implied",
        /// A privacy policy was accepted; nothing was asked about messages.
        PolicyAcceptance = "policy_acceptance",
        /// A clear statement for this use.
        Express = "express",
        /// A signed agreement with the disclosures of 47 CFR 64.1200(f)(9).
        ExpressWritten = "express_written",
    }
}

words! {
    /// What a gateway says it did with a keyword.
    Indicator, "opt-out indicator" {
        /// It blocked the sender.
        Stop = "STOP",
        /// It lifted a block.
        Start = "START",
        /// It sent its help text.
        Help = "HELP",
    }
}

words! {
    /// What became of a message, over all gateways.
    Outcome, "delivery outcome" {
        /// It arrived.
        Delivered = "delivered",
        /// The recipient is on the gateway's own opt-out list.
        OptedOut = "opted_out",
        /// The number is no longer in service: it may soon be somebody else's.
        Deactivated = "deactivated",
        /// A landline, or no number at all.
        LandlineOrInvalid = "landline_or_invalid",
        /// Blocked or filtered by a carrier for a reason we are not told.
        BlockedUnknown = "blocked_unknown",
        /// A passing fault.
        Temporary = "temporary",
    }
}

words! {
    /// Where an address was learnt.
    AddressSource, "address source" {
        /// The person registered with it.
        Registration = "registration",
        /// It came with payment data, which is never used for marketing (policy P31).
        Billing = "billing",
        /// The person called.
        Call = "call",
        /// The person wrote.
        Email = "email",
        /// It came with an import.
        Import = "import",
    }
}
