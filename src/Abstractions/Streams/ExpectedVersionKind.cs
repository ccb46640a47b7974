namespace Granary;

/// <summary>The kinds of <see cref="ExpectedVersion"/>.</summary>
[GenerateSerializer, Alias("granary.ExpectedVersionKind")]
public enum ExpectedVersionKind
{
    /// <summary>Any version, also none.</summary>
    Any,

    /// <summary>At least one event.</summary>
    StreamExists,

    /// <summary>Exactly the version named.</summary>
    Exactly,
}
