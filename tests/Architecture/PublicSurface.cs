using System.Reflection;
using Google.Protobuf;

namespace Fleethold.Architecture;

/// <summary>
/// What a library shows to others, one line a type or member. Messages and services that are generated from proto/ are left out: the wire contract has
/// tests of its own.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Shown = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Everywhere = ["EqualityContract", "PrintMembers", "ToString", "GetHashCode", "Equals", "Deconstruct"];

    /// <summary>All lines, in ordinal order.</summary>
    public static IReadOnlyList<string> Of(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Where(type => !IsGenerated(type)).SelectMany(Lines).Distinct().Order(StringComparer.Ordinal)];

    private static bool IsGenerated(Type type)
    {
        for (var outer = type; outer is not null; outer = outer.DeclaringType)
        {
            if (typeof(IMessage).IsAssignableFrom(outer) && !outer.IsInterface
                || outer.Name.EndsWith("Reflection", StringComparison.Ordinal)
                || outer.GetMethods().Any(method => method.Name == "BindService")
                || outer.IsEnum && outer.GetFields().Any(field => field.GetCustomAttribute<Google.Protobuf.Reflection.OriginalNameAttribute>() is not null))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Lines(Type type)
    {
        var name = Name(type);
        yield return $"{Kind(type)} {name}{(type.BaseType is { } above && above != typeof(object) && above != typeof(ValueType) && above != typeof(Enum) ? $" : {Name(above)}" : "")}";
        foreach (var member in type.GetMembers(Shown).Where(IsShown))
        {
            switch (member)
            {
                case MethodInfo { IsSpecialName: false } method:
                    yield return $"{name}.{method.Name}{Generic(method)}({Parameters(method)}) -> {Name(method.ReturnType)}";
                    break;
                case MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion:
                    yield return $"{name}.{conversion.Name}({Parameters(conversion)}) -> {Name(conversion.ReturnType)}";
                    break;
                case ConstructorInfo { IsStatic: false } constructor:
                    yield return $"{name}({Parameters(constructor)})";
                    break;
                case PropertyInfo property:
                    yield return $"{name}.{property.Name} {{ {(property.GetMethod is null ? "" : "get; ")}{(property.SetMethod is { } set && IsShown(set) ? IsInit(set) ? "init; " : "set; " : "")}}} -> {Name(property.PropertyType)}";
                    break;
                case FieldInfo field when field.Name != "value__":
                    yield return $"{name}.{field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")} -> {Name(field.FieldType)}";
                    break;
            }
        }
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    // What every record has says nothing.
    private static bool IsShown(MemberInfo member) => !member.Name.Contains('<') && !Everywhere.Contains(member.Name) && member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsShown),
        FieldInfo field => field.IsPublic || field.IsFamily,
        _ => false,
    };

    private static bool IsInit(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = default" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.HasElementType)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : type.IsByRef ? "&" : "*");
        }

        if (Nullable.GetUnderlyingType(type) is { } nullable)
        {
            return Name(nullable) + "?";
        }

        var own = type.Name.Split('`')[0];
        var prefix = type.DeclaringType is { } outer ? Name(outer) + "." : type.Namespace is { } space && space.StartsWith("Fleethold", StringComparison.Ordinal) ? space + "." : "";
        var arguments = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).Select(Name).ToList();
        return prefix + own + (arguments.Count > 0 ? $"<{string.Join(", ", arguments)}>" : "");
    }
}
