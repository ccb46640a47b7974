using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Tests.Unit.Tidy;

/// <summary>The assemblies of src that the unit tests are built with.</summary>
internal static class OurAssemblies
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "Granary.*.dll")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.StartsWith("Granary.Tests.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Assembly.Load),
    ];

    /// <summary>The public types that people wrote; what Orleans generates beside them is left out.</summary>
    public static IEnumerable<Type> PublicTypes(Assembly assembly) => assembly.GetExportedTypes()
        .Where(type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
        .OrderBy(type => type.FullName, StringComparer.Ordinal);
}
