using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Granary.Tests.Unit.Tidy;

public sealed class OptionsTests
{
    private static readonly Type[] Numbers =
        [typeof(int), typeof(long), typeof(double), typeof(decimal), typeof(TimeSpan)];

    public static TheoryData<Type> Options => new(OurAssemblies.All.SelectMany(OurAssemblies.PublicTypes)
        .Where(type => type.IsClass && type.Name.EndsWith("Options", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_number_among_the_options_has_a_range(Type options) => RepositoryTree.AssertNone(
        from property in options.GetProperties()
        where property.SetMethod is { IsPublic: true } && Numbers.Contains(property.PropertyType)
        where property.GetCustomAttribute<RangeAttribute>() is null
        select property.Name);

    [Theory]
    [MemberData(nameof(Options))]
    public void The_defaults_of_the_options_are_within_their_ranges(Type options)
    {
        var defaults = Activator.CreateInstance(options)!;
        Validator.ValidateObject(defaults, new ValidationContext(defaults), validateAllProperties: true);
    }
}
