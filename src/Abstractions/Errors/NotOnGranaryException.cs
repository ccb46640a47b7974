namespace Granary;

/// <summary>The history was requested of a grain that does not keep its events in Granary.</summary>
[GenerateSerializer, Alias("granary.NotOnGranaryException")]
public sealed class NotOnGranaryException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public NotOnGranaryException(string grain)
        : base($"Grain {grain} does not keep its events in Granary: "
            + "it is no JournaledGrain, or names another provider.") =>
        Grain = grain;

    /// <summary>The grain's id.</summary>
    [Id(0)] public string Grain { get; }
}
