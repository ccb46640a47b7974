using System.Collections.Concurrent;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Distinguishes the assemblies of .NET and of Orleans from the application's. By key, not by name: an application
/// may call an assembly <c>System.Billing</c> or <c>Orleans.Shop</c>.
/// </summary>
internal static class FrameworkAssemblies
{
    private static readonly ConcurrentDictionary<Assembly, bool> Known = new();

    // The keys that .NET, ASP.NET Core and Microsoft's extensions are signed with.
    private static readonly HashSet<string> DotNetKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        "7cec85d7bea7798e", "b03f5f7f11d50a3a", "b77a5c561934e089", "cc7b13ffcd2ddd51", "31bf3856ad364e35",
        "adb9793829ddae60",
    };

    /// <summary>Whether an assembly is .NET's or Orleans' own.</summary>
    public static bool Contain(Assembly assembly) => Known.GetOrAdd(assembly, static assembly =>
        DotNetKeys.Contains(Convert.ToHexString(assembly.GetName().GetPublicKeyToken() ?? []))
        || assembly == typeof(Grain).Assembly
        || assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product == OrleansProduct);

    // Orleans' assemblies are not signed; they share this with the assembly of Grain.
    private static readonly string OrleansProduct =
        typeof(Grain).Assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product ?? nameof(Orleans);
}
