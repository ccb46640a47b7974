using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Orleans.EventSourcing;
using Orleans.Metadata;

namespace Granary.Runtime;

/// <summary>Gives every journaled grain its <see cref="MigrationHandover"/> when its context is made.</summary>
internal sealed class MigrationConfigurator(GrainClassMap classes, ILogger<MigrationHandover> logger)
    : IConfigureGrainContextProvider, IConfigureGrainContext
{
    public bool TryGetConfigurator(
        GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        configurator = classes.TryGetGrainClass(grainType, out var grainClass)
            && typeof(ILogConsistencyProtocolParticipant).IsAssignableFrom(grainClass) ? this : null;
        return configurator is not null;
    }

    public void Configure(IGrainContext context)
    {
        var handover = new MigrationHandover(logger);
        context.SetComponent(handover);
        context.ObservableLifecycle.AddMigrationParticipant(handover);
    }
}
