using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What the handlers of effects need.</summary>
/// <param name="Ledger">Where effects are recorded.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">Draws a number from 0 to 1, the latter excluded.</param>
/// <param name="Logger">The log.</param>
internal sealed record EffectServices(EffectLedger Ledger, TimeProvider Time, Func<double> Random, ILogger Logger)
{
    private const int Steps = 1 << 20;

    /// <summary>Those of a silo.</summary>
    /// <exception cref="InvalidOperationException">The silo's store keeps no models.</exception>
    public static EffectServices Of(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return new EffectServices(
            services.GetRequiredService<EffectLedger>(),
            time,
            static () => RandomNumberGenerator.GetInt32(Steps) / (double)Steps,
            services.GetRequiredService<ILogger<EffectHandler>>().Guarded());
    }
}
