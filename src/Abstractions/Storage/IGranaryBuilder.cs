using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>What <c>AddGranary</c> hands out: the place where stores and event types are chosen.</summary>
public interface IGranaryBuilder
{
    /// <summary>The silo's services.</summary>
    IServiceCollection Services { get; }
}
