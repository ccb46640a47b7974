using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>What <c>AddGranary</c> returns: chooses the store, and configures the parts of Granary.</summary>
public interface IGranaryBuilder
{
    /// <summary>The silo's services.</summary>
    IServiceCollection Services { get; }
}
