namespace Granary.Runtime;

internal static class HistoryRegistration
{
    public static void AddGranaryHistory(this ISiloBuilder builder) =>
        builder.AddGrainExtension<IHistoryExtension, HistoryExtension>();
}
