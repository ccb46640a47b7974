namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>What the proxy does to a request.</summary>
internal enum Harm
{
    /// <summary>It is passed on and answered.</summary>
    None,

    /// <summary>It is passed on after a short while.</summary>
    Delayed,

    /// <summary>It is passed on when its sender waits no longer.</summary>
    TooLate,

    /// <summary>It is passed on, and its answer comes when its sender waits no longer.</summary>
    AnsweredTooLate,

    /// <summary>The connection is reset before it is passed on.</summary>
    ResetBefore,

    /// <summary>It is passed on, and then the connection is reset.</summary>
    ResetAfter,

    /// <summary>It is passed on twice, and the second answer is the sender's.</summary>
    PassedOnTwice,

    /// <summary>It is answered with 503.</summary>
    Busy,

    /// <summary>It is answered with 503 and <c>Retry-After</c>.</summary>
    BusyForAWhile,

    /// <summary>It is answered with 429.</summary>
    TooMany,

    /// <summary>It is answered with 429 and <c>Retry-After</c>.</summary>
    TooManyForAWhile,

    /// <summary>It is answered with 500.</summary>
    Failed,

    /// <summary>It is passed on, and answered with 500.</summary>
    FailedAfter,

    /// <summary>It is passed on, and answered with 503.</summary>
    BusyAfter,
}
