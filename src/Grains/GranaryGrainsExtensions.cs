using Granary.Contracts;
using Granary.Grains;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Hosting;

/// <summary>Adds the aggregates that ship with Granary to a silo.</summary>
public static class GranaryGrainsExtensions
{
    /// <summary>Adds accounts, transfers and event streams.</summary>
    public static IGranaryBuilder AddGranaryGrains(this IGranaryBuilder builder)
    {
        builder.Services.TryAddSingleton<StreamReducers>();
        builder.Services.AddSingleton<IEventCodec<StreamEvent>, StreamEventCodec>();
        return builder;
    }

    /// <summary>
    /// Adds what the ledger needs of the log: the process manager of its transfers, and its models: balances,
    /// statements, totals by currency and open transfers. The silo's store must keep models.
    /// </summary>
    public static IGranaryBuilder AddGranaryLedger(this IGranaryBuilder builder) => builder
        .AddProcessManager<TransferGrain>("transfers")
        .AddProjection<Balances>()
        .AddProjection<Statements>()
        .AddProjection<CurrencyTotals>()
        .AddProjection<OpenTransfers>();

    /// <summary>Adds a reducer for the streams of one category.</summary>
    public static IGranaryBuilder AddStreamReducer<TReducer>(this IGranaryBuilder builder)
        where TReducer : class, IStreamReducer
    {
        builder.Services.AddSingleton<IStreamReducer, TReducer>();
        return builder;
    }
}
