//! The two fixed vocabularies of a ticket, and the status machine.

use crate::text_enum::text_enum;

text_enum! {
    /// Where a ticket stands. Chinese on the wire, English accepted.
    pub enum Status else Pending {
        Pending = "待处理", "pending";
        Processing = "处理中", "processing";
        Resolved = "已解决", "resolved";
        Closed = "已关闭", "closed";
    }
}

impl Status {
    /// Where an agent may move a ticket from here.
    pub const fn next(self) -> &'static [Status] {
        match self {
            Self::Pending => &[Self::Processing, Self::Resolved, Self::Closed],
            Self::Processing => &[Self::Pending, Self::Resolved, Self::Closed],
            Self::Resolved => &[Self::Processing, Self::Closed],
            Self::Closed => &[Self::Processing],
        }
    }

    /// Is the step from here to `to` allowed?
    pub fn can_become(self, to: Status) -> bool {
        self.next().contains(&to)
    }

    /// Work is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }
}

text_enum! {
    /// How urgent a ticket is. The old system's `普通` reads as `中`.
    pub enum Priority else Medium {
        High = "高", "high";
        Medium = "中", "medium", "普通", "normal";
        Low = "低", "low";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_reachable_and_none_becomes_itself() {
        for &status in Status::ALL {
            assert!(!status.can_become(status));
            assert!(Status::ALL.iter().any(|from| from.can_become(status)));
        }
    }

    #[test]
    fn a_finished_ticket_reopens_only_as_processing() {
        for done in [Status::Resolved, Status::Closed] {
            assert!(done.can_become(Status::Processing));
            assert!(!done.can_become(Status::Pending));
        }
        assert!(!Status::Closed.can_become(Status::Resolved));
    }

    #[test]
    fn old_priorities_and_english_codes_are_understood() {
        assert_eq!(Priority::from_db("普通"), Priority::Medium);
        assert_eq!("processing".parse(), Ok(Status::Processing));
        assert!("done".parse::<Status>().is_err());
        assert_eq!(Status::from_db("随便写的"), Status::Pending);
    }
}
