using System.Reflection;

namespace Granary.Testing.Conformance;

/// <summary>
/// Checks that a store is enrolled in every suite: a later version of the package may bring further ones. The
/// enrolments are in the assembly of the class that derives from this one.
/// </summary>
public abstract class EnrolmentConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public void The_store_is_enrolled_in_every_suite() => Assert.Empty(NotEnrolled(GetType().Assembly.GetTypes()));

    /// <summary>The names of the suites that none of the types enrols the store in.</summary>
    internal static IReadOnlyList<string> NotEnrolled(IEnumerable<Type> types)
    {
        var enrolled = types.Where(static type => !type.IsAbstract).Select(static type => type.BaseType).ToHashSet();
        return Suites().Where(suite => !enrolled.Contains(suite.MakeGenericType(typeof(TStore))))
            .Select(static suite => suite.Name[..suite.Name.IndexOf('`')]).ToArray();
    }

    private static IEnumerable<Type> Suites() => typeof(EnrolmentConformance<>).Assembly.GetExportedTypes()
        .Where(static type => type is { IsAbstract: true, IsGenericTypeDefinition: true }
            && type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Any(static method => method.IsDefined(typeof(FactAttribute), inherit: false)));
}
