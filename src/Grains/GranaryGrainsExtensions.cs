using Granary.Contracts;
using Granary.Grains;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Hosting;

/// <summary>Adds the aggregates that ship with Granary to a silo.</summary>
public static class GranaryGrainsExtensions
{
    /// <summary>Adds the ledger and event streams.</summary>
    public static IGranaryBuilder AddGranaryGrains(this IGranaryBuilder builder)
    {
        builder.Services.TryAddSingleton<StreamReducers>();
        builder.Services.AddSingleton<IEventCodec<StreamEvent>, StreamEventCodec>();
        return builder;
    }

    /// <summary>Adds the ledger's projections: <c>balances</c> and <c>statements</c>.</summary>
    public static IGranaryBuilder AddLedgerModels(this IGranaryBuilder builder) =>
        builder.AddProjection<Balances>().AddProjection<Statements>();

    /// <summary>Adds a reducer for the streams of one category.</summary>
    public static IGranaryBuilder AddStreamReducer<TReducer>(this IGranaryBuilder builder)
        where TReducer : class, IStreamReducer
    {
        builder.Services.AddSingleton<IStreamReducer, TReducer>();
        return builder;
    }
}
