namespace Granary.Storage.AzureStorage;

/// <summary>Instants as they are stored: in ticks of UTC, as the service's own type rounds them.</summary>
internal static class Instants
{
    public static DateTimeOffset Of(long ticks) => new(ticks, TimeSpan.Zero);
}
